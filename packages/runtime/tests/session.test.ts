import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { writeOnnx } from '@farout/onnx';
import { constant, input } from '@farout/tensor';
import { openSession } from '@farout/runtime';

const model = () => {
  const x = input('x', ['N', 2]);
  const weight = constant({ data: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }, 'weight');
  const bias = constant({ data: Float32Array.of(10, 20), shape: [2] }, 'bias');
  return writeOnnx({ logits: x.linear(weight, bias), largest: x.max() });
};

describe('openSession', () => {
  it('runs a model again and again, on batches of any size', async () => {
    const session = await openSession(model(), { threads: 1 });
    for (const rows of [1, 3, 0]) {
      const data = Float32Array.from({ length: rows * 2 }, (_, i) => i);
      const { logits, largest } = await session.run({ x: { data, shape: [rows, 2] } });
      expect(logits!.shape).toEqual([rows, 2]);
      const expected = Array.from({ length: rows }, (_, n) => [
        data[2 * n]! + 2 * data[2 * n + 1]! + 10,
        3 * data[2 * n]! + 4 * data[2 * n + 1]! + 20,
      ]);
      expect(Array.from(logits!.data, Number)).toEqual(expected.flat());
      expect(Array.from(largest!.data, Number)).toEqual(Array.from({ length: rows }, (_, n) => data[2 * n + 1]));
    }
    await session.release();
  });

  it('names the outputs in their order', async () => {
    const session = await openSession(model(), { threads: 1 });
    expect(session.outputs).toEqual(['logits', 'largest']);
    await session.release();
  });

  it('opens a model from its file as from its bytes, with the same numbers for any number of threads', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'farout-runtime-'));
    try {
      const file = join(folder, 'model.onnx');
      await writeFile(file, model());
      const session = await openSession(file, { threads: 2 });
      const { logits } = await session.run({ x: { data: Float32Array.of(1, 1), shape: [1, 2] } });
      expect(logits!.data).toEqual(Float32Array.of(13, 27));
      await session.release();
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('rejects when an input is missing', async () => {
    const session = await openSession(model(), { threads: 1 });
    await expect(session.run({})).rejects.toThrow("'x'");
    await session.release();
  });

  it('rejects what is no model', async () => {
    await expect(openSession(Uint8Array.of(1, 2, 3), { threads: 1 })).rejects.toThrow();
  });
});
