import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { onnx } from '@farout/backbones';
import { traceHooks, type FileOutput } from '@farout/core';
import { openOnnx } from '@farout/runner';
import { openSession } from '@farout/runtime';
import { input, writeOnnx, type NDArray, type Tensor } from '@farout/tensor';
import { refused, scored, side } from './onnx/outputs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'farout-outputs-'));
});

const count = 3;
const images: NDArray = {
  data: Float32Array.from({ length: count * 3 * side * side }, (_, i) => Math.sin(i * i)),
  shape: [count, 3, side, side],
};

async function write(name: string, network: (image: Tensor) => Tensor): Promise<string> {
  const file = path.join(folder, `${name}.onnx`);
  await writeFile(file, writeOnnx({ result: network(input('image', ['batch', 3, side, side])) }));
  return file;
}

const open = (weights: string) =>
  onnx.open(onnx.params.parse({ weights, resize: side, crop: side }), {
    onnx: openOnnx,
    stateDict: () => Promise.reject(new Error('it is no checkpoint')),
  });

async function run(model: Uint8Array | string, output: string): Promise<number[]> {
  const session = await openSession(model, { threads: 1 });
  const results = await session.run({ image: images });
  await session.release();
  return Array.from(results[output]!.data, Number);
}

/** What an output is for the logits of one image, by the plain formulas. */
function outputOf(logits: readonly number[], { of, column }: FileOutput): number[] {
  const sum = logits.reduce((total, z) => total + Math.exp(z), 0);
  const made = {
    logits: () => [...logits],
    softmax: () => logits.map((z) => Math.exp(z) / sum),
    'log-softmax': () => logits.map((z) => z - Math.log(sum)),
    label: () => [logits.indexOf(Math.max(...logits))],
  }[of]();
  return column === undefined ? made : [made[column]!];
}

describe('the head of an ONNX file', () => {
  it.each(Object.entries(scored))('gives what onnxruntime alone gives for %s', async (name, network) => {
    const file = await write(name, network);
    const { features, head, output } = await open(file);
    const { logits } = traceHooks({ features: features(input('image', ['N', 3, side, side])), head }, []);
    const ours = await run(writeOnnx({ logits }), 'logits');
    const [theirs, width] = [await run(file, 'result'), ours.length / count];
    const found = Array.from({ length: count }, (_, i) => outputOf(ours.slice(i * width, (i + 1) * width), output!));
    expect(found.flat()).toHaveLength(theirs.length);
    const largest = Math.max(...theirs.filter(Number.isFinite).map(Math.abs));
    for (const [i, value] of found.flat().entries()) {
      if (value !== theirs[i]) expect(Math.abs(value - theirs[i]!)).toBeLessThan(1e-5 * largest);
    }
  });

  it.each(Object.entries(refused))('is none that can be scored for %s', async (name, [network, message]) => {
    const file = await write(name, network);
    await expect(open(file)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringContaining(
        `no output of it is the logits of a last linear layer: "result" ${message}`,
      ) as unknown,
      fix: expect.stringMatching(/\.$/) as unknown,
    });
  });
});
