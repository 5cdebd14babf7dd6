import { writeOnnx, type Tensor } from '@farout/tensor';
import { openSession, type Arrays } from './session.ts';

/** Computes tensors once: writes their graph, runs it on these inputs, and forgets it. */
export async function evaluate(outputs: Readonly<Record<string, Tensor>>, feeds: Arrays): Promise<Arrays> {
  const session = await openSession(writeOnnx(outputs), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}
