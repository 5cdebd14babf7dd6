import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { onnx } from '@farout/backbones';
import { traceHooks, type FileOutput } from '@farout/core';
import { encodePng } from '@farout/images';
import { openOnnx } from '@farout/runner';
import { openSession } from '@farout/runtime';
import { writeOnnx } from '@farout/onnx';
import { input, type NDArray, type Tensor } from '@farout/tensor';
import { refused, scored, side } from './onnx/outputs.ts';
import { runCli } from './run-cli.ts';

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
    features: () => [],
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
        `none of its outputs is the logits of a last linear layer: "result" ${message}`,
      ) as unknown,
      fix: expect.stringMatching(/\.$/) as unknown,
    });
  });
});

describe('an ONNX file that gives one number', () => {
  const note =
    'The output "result" is one number z for each image: it is scored as two classes, 0 and 1, with the logits 0 and z.';

  it('is scored as two classes, and check and run say so', async () => {
    await write('binary', scored['the sigmoid of one logit']!);
    const pixels = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 89) % 256);
    for (const [name, data] of Object.entries({ known: pixels, strange: pixels.toReversed() })) {
      await mkdir(path.join(folder, name));
      await writeFile(path.join(folder, name, '1.png'), encodePng({ width: side, height: side, data }));
    }
    const experiment = path.join(folder, 'binary.yaml');
    await writeFile(experiment, yaml);
    expect(await runCli(['check', experiment], { cwd: folder })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(note) as unknown,
    });
    const out = path.join(folder, 'run');
    expect((await runCli(['run', experiment, '--no-report', '--out', out], { cwd: folder })).stderr).toContain(note);
    const [, row] = (await readFile(path.join(out, 'scores.csv'), 'utf8')).split(/\r?\n/);
    const p = await probabilityOf(pixels);
    expect(Number(row!.split(',').at(-1))).toBeCloseTo(Math.max(p, 1 - p), 5);
    expect(Number(row!.split(',').at(-2))).toBeCloseTo(Math.max(Math.log(p / (1 - p)), 0), 5);
  });

  const yaml = `
name: binary
backbone: { onnx: { weights: binary.onnx, resize: ${side}, crop: ${side}, mean: [0, 0, 0], std: [1, 1, 1] } }
datasets:
  known: { image-folder: { root: known } }
  strange: { image-folder: { root: strange } }
id: known
ood: [strange]
detectors: { MaxLogit: max-logit, MSP: msp }
store: store
`;

  /** What onnxruntime alone gives. */
  async function probabilityOf(pixels: Uint8Array): Promise<number> {
    const area = side * side;
    const data = Float32Array.from(
      { length: 3 * area },
      (_, i) => pixels[(i % area) * 3 + Math.floor(i / area)]! / 255,
    );
    const session = await openSession(path.join(folder, 'binary.onnx'), { threads: 1 });
    const { result } = await session.run({ image: { data, shape: [1, 3, side, side] } });
    await session.release();
    return Number(result!.data[0]);
  }
});
