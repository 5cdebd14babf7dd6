import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { headInput } from '@farout/core';
import { renderImage } from '@farout/demo';
import { encodePng, prepare } from '@farout/images';
import { readOnnx, writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import { input } from '@farout/tensor';
import { runCli } from './run-cli.ts';

const encoder = fileURLToPath(new URL('encoders/vit.onnx', import.meta.url));
const catalogue = fileURLToPath(new URL('../../../configs/demo-all.yaml', import.meta.url));
const side = 32;
const classes = 4;
/** Pictures to learn from, pictures in distribution, and others. */
const counts = { fit: 160, known: 24, strange: 12 };

let folder: string;
const file = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'farout-encoder-'));
  await writeFile(file('normalised.onnx'), await normalisedEncoder());
  await writePictures();
});
afterAll(() => rm(folder, { recursive: true }));

/** The same encoder with the normalisation of its embedding in it. */
async function normalisedEncoder(): Promise<Uint8Array> {
  const { trace } = await readOnnx(readFileSync(encoder));
  const embedding = trace({ image: input('image', ['N', 3, side, side]) }).get('embedding')!;
  return writeOnnx({ embedding: headInput(embedding, { normalise: true }) });
}

/** Pictures in lists with the classes that the probe predicts, so that each is predicted rightly; and the probe. */
async function writePictures(): Promise<void> {
  await mkdir(file('pictures'));
  const drawn: { readonly set: keyof typeof counts; readonly name: string; readonly unit: readonly number[] }[] = [];
  const session = await openSession(encoder, { threads: 1 });
  for (const [set, count] of Object.entries(counts) as [keyof typeof counts, number][]) {
    for (let i = 0; i < count; i++) {
      const pixels = renderImage(set === 'strange' ? 'textures' : 'objects', set === 'fit' ? 2 : 3, i);
      const name = `${set}-${i}.png`;
      await writeFile(file(`pictures/${name}`), encodePng({ width: 64, height: 64, data: pixels }));
      const { embedding } = await session.run({ image: await imageOf(pixels) });
      const h = Array.from(embedding!.data, Number);
      drawn.push({ set, name, unit: h.map((each) => each / Math.hypot(...h)) });
    }
  }
  await session.release();
  const { weight, bias } = probeOf(drawn.filter(({ set }) => set === 'fit').map(({ unit }) => unit));
  const classOf = (unit: readonly number[]) => {
    const logits = weight.map((row, k) => row.reduce((sum, w, d) => sum + w * unit[d]!, bias[k]!));
    return logits.indexOf(Math.max(...logits));
  };
  for (const set of Object.keys(counts)) {
    const lines = drawn.filter((each) => each.set === set).map(({ name, unit }) => `${name} ${classOf(unit)}`);
    await writeFile(file(`${set}.txt`), `${lines.join('\n')}\n`);
  }
  await writeFile(file('probe.safetensors'), safetensors(weight, bias));
}

async function imageOf(pixels: Uint8Array) {
  const square = await prepare({ data: pixels, shape: [64, 64, 3] }, { resize: side, crop: side });
  const data = Float32Array.from({ length: square.length }, (_, i) => {
    const [colour, place] = [Math.floor(i / side ** 2), i % side ** 2];
    return (square[3 * place + colour]! / 255 - 0.5) / 0.5;
  });
  return { data, shape: [1, 3, side, side] };
}

/** Four directions, and biases by which all classes are about as likely. */
function probeOf(units: readonly (readonly number[])[]) {
  const mean = units[0]!.map((_, d) => units.reduce((sum, unit) => sum + unit[d]!, 0) / units.length);
  const weight = Array.from({ length: classes }, (_, k) => mean.map((_, d) => Math.sin(1 + 7 * k + 3 * d)));
  const bias = weight.map((row) => -row.reduce((sum, w, d) => sum + w * mean[d]!, 0));
  return { weight, bias };
}

function safetensors(weight: readonly (readonly number[])[], bias: readonly number[]): Uint8Array {
  const arrays = { weight: Float32Array.from(weight.flat()), bias: Float32Array.from(bias) };
  const ends = [arrays.weight.byteLength, arrays.weight.byteLength + arrays.bias.byteLength];
  const header = Buffer.from(
    JSON.stringify({
      weight: { dtype: 'F32', shape: [classes, weight[0]!.length], data_offsets: [0, ends[0]] },
      bias: { dtype: 'F32', shape: [classes], data_offsets: ends },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, Buffer.from(arrays.weight.buffer), Buffer.from(arrays.bias.buffer)]);
}

/** Scores by detector, and what failed. */
interface Found {
  readonly scores: ReadonlyMap<string, readonly number[]>;
  readonly failed: readonly { readonly detector: string; readonly code: string }[];
}

/** Runs detectors on the pictures. */
async function run(name: string, backbone: string, detectors: string): Promise<Found> {
  const sets = Object.keys(counts).map((set) => `  ${set}: { image-list: { list: ${set}.txt, root: pictures } }`);
  const images = `resize: ${side}, crop: ${side}, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5]`;
  await writeFile(
    file(`${name}.yaml`),
    `name: t
backbone: { onnx: { ${backbone}, ${images} } }
datasets:
${sets.join('\n')}
id: known
fit: fit
ood: [strange]
detectors:
${detectors}
metrics: [auroc]
store: ${file('store')}
`,
  );
  const out = file(`${name}.run`);
  const { code, stderr } = await runCli(['run', file(`${name}.yaml`), '--no-report', '--out', out]);
  const { failed } = JSON.parse(await readFile(path.join(out, 'results.json'), 'utf8')) as Pick<Found, 'failed'>;
  expect([code, stderr]).toEqual([failed.length > 0 ? 1 : 0, expect.anything()]);
  const [heading, ...rows] = (await readFile(path.join(out, 'scores.csv'), 'utf8')).trim().split(/\r?\n/);
  const columns = rows.map((row) => row.split(','));
  const scores = heading!.split(',').map((each, at) => [each, columns.map((row) => Number(row[at]))] as const);
  return { scores: new Map(scores.slice(4)), failed };
}

describe('a vision transformer with a probe', () => {
  it('runs with every detector, but for those that need a map: these are refused by name', async () => {
    const [, all] = /^detectors:\n([\s\S]*?)^metrics/m.exec(readFileSync(catalogue, 'utf8'))!;
    const own = all!
      // A hundredth of the pictures is too small a bank.
      .replace('NNGuide: nnguide', 'NNGuide: { nnguide: { share: 0.2 } }')
      // The labels are what the network says: they give no temperature.
      .replace('scaling: temperature-scaling', 'scaling: { temperature-scaling: { temperature: 2 } }');
    const detectors = `${own}  ReAct at the map: [react: { at: map }, energy]`;
    const { scores, failed } = await run(
      'all',
      `weights: ${encoder}, output: embedding, head: probe.safetensors, normalise: true, scale: 20`,
      detectors,
    );
    const ofMaps = ['RankFeat', 'Gram', 'Mahalanobis ensemble', 'DAVIS', 'ReAct at the map'];
    expect(failed.map(({ detector }) => detector).toSorted()).toEqual(ofMaps.toSorted());
    expect(new Set(failed.map(({ code }) => code))).toEqual(new Set(['OOD_UNKNOWN_TAP', 'OOD_DETECTOR_FAILED']));
    expect(scores.size).toBe(detectors.match(/^ {2}\S.*: /gm)!.length - ofMaps.length);
  });

  it('has the scores of one that normalises by itself, where features meet the weights of the head', async () => {
    // What hooks change here is as much as they change behind an encoder that normalises by itself.
    const detectors = `  Energy: energy
  MCM: mcm
  ODIN: { odin: { temperature: 1, magnitude: 0.005 } }
  GradNorm: gradnorm
  fDBD: fdbd
  NCI: nci
  CADRef: cadref
  ViM: vim
  Residual: residual
  WeiPer: weiper
  Mahalanobis++: mahalanobis++
  DICE: [dice, energy]
  LINe: [line: { c: 1000 }, energy]`;
    const head = 'head: probe.safetensors, scale: 20';
    const within = await run('within', `weights: normalised.onnx, ${head}`, detectors);
    // What the same head gives without it lies in the store, and is not taken for its scores.
    await run('bare', `weights: ${encoder}, output: embedding, ${head}`, detectors);
    const before = await run('before', `weights: ${encoder}, output: embedding, normalise: true, ${head}`, detectors);
    expect([within.failed, before.failed]).toEqual([[], []]);
    expect(before.scores.size).toBe(13);
    for (const [detector, expected] of within.scores) {
      const found = before.scores.get(detector)!;
      const spread = Math.max(...expected) - Math.min(...expected);
      const apart = Math.max(...expected.map((score, i) => Math.abs(score - found[i]!))) / spread;
      expect({ detector, apart }).toEqual({ detector, apart: expect.closeTo(0, 4) as unknown });
    }
  });
});
