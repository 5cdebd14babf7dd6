import { describe, expect, it } from '@jest/globals';
import { writeOnnx } from '@farout/onnx';
import { input } from '@farout/tensor';
import { openSession } from '@farout/runtime';
import { openApart } from '../src/open-apart.ts';
import { oneNodeModel } from './parts/one-node-model.ts';

const x = input('x', ['N', 3]);
const row = { data: Float32Array.of(1, 2, 4), shape: [1, 3] };
const apart = { threads: 1, apart: true } as const;

/** onnxruntime ends its process on a LayerNormalization whose optional bias has the empty name instead of none. */
const crashing = () =>
  oneNodeModel({
    type: 'LayerNormalization',
    inputs: [row, { data: Float32Array.of(1, 2, 3), shape: [3] }, undefined],
  });

describe('a session apart', () => {
  it('computes what one in this process does, and again', async () => {
    const model = writeOnnx({ y: x.mul(2), sums: x.sum(-1) });
    const session = await openSession(model, apart);
    expect(session.outputs).toEqual(['y', 'sums']);
    for (let times = 0; times < 2; times++) {
      const { y, sums } = await session.run({ x: row });
      expect(y).toEqual({ data: Float32Array.of(2, 4, 8), shape: [1, 3] });
      expect(sums).toEqual({ data: Float32Array.of(7), shape: [1] });
    }
    await session.release();
  });

  it('rejects in the words of onnxruntime what is no model, and what does not run', async () => {
    await expect(openSession(Uint8Array.of(1, 2, 3), apart)).rejects.toThrow(/protobuf/i);
    const session = await openSession(writeOnnx({ y: x.reshape(['M', 2]) }), apart);
    await expect(session.run({ x: row })).rejects.toThrow(/Reshape/);
  });

  it('rejects when the model ends its process, and this one lives', async () => {
    const attempt = openSession(crashing(), apart).then((session) => session.run({ x: row }));
    await expect(attempt).rejects.toThrow(/its process ended \(SIG(SEGV|ABRT|BUS)\)/);
  });

  it('rejects when it does not answer, and leaves no process behind', async () => {
    const opening = { model: writeOnnx({ y: x.mul(2) }), options: {} };
    await expect(openApart(opening, () => undefined, 1)).rejects.toThrow('no answer within 0.001 s');
  });
});
