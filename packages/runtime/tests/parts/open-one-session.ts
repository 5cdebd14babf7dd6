// A process for without-telemetry.test.ts: opens a session as every user of this package does, and says what it computes.
import { writeOnnx } from '@farout/onnx';
import { input } from '@farout/tensor';
import { openSession } from '../../src/index.ts';

const session = await openSession(writeOnnx({ largest: input('x', ['N', 3]).max() }), { threads: 1 });
const { largest } = await session.run({ x: { data: Float32Array.of(1, 3, 2), shape: [1, 3] } });
process.stdout.write(String(largest!.data[0]));
await session.release();
