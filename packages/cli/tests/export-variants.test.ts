import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readCheckpoint } from '@farout/checkpoints';
import { readDescription } from '@farout/deploy';
import { encodePng } from '@farout/images';
import type { NDArray } from '@farout/tensor';
import { runCli } from './run-cli.ts';

const network = fileURLToPath(new URL('../../demo/weights/demo-resnet.pth', import.meta.url));

let folder: string;

/** A photograph of stripes, a little different each time. */
function picture(seed: number, [width, height]: readonly [number, number]): Uint8Array {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const pixel = Math.floor(at / 3);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return 128 + 100 * Math.sin((x * (seed + 3)) / 40 + (at % 3)) * Math.cos(y / (5 + seed));
  });
  return encodePng({ width, height, data });
}

/** Arrays as a file of safetensors, each number a little larger. */
function safetensors(arrays: ReadonlyMap<string, NDArray>, more: number): Buffer {
  const header: Record<string, unknown> = {};
  const parts: Buffer[] = [];
  let end = 0;
  for (const [name, { data, shape }] of arrays) {
    if (!(data instanceof Float32Array)) continue;
    const part = Buffer.from(data.map((each) => each + more).buffer);
    header[name] = { dtype: 'F32', shape, data_offsets: [end, (end += part.length)] };
    parts.push(part);
  }
  const json = Buffer.from(JSON.stringify(header));
  return Buffer.concat([Buffer.from(BigUint64Array.of(BigInt(json.length)).buffer), json, ...parts]);
}

const experiment = `name: moved
backbone:
  demo-resnet: { weights: weights/network.pth, resize: 72, crop: 64 }
datasets:
  mine: { image-folder: { root: images } }
id: mine
fit: mine
ood: [uniform noise]
detectors:
  Energy: energy
  ReAct: [react, energy]
metrics: [auroc]
store: store
`;

/** A run of ID images of all sizes, whose images and weights lie elsewhere afterwards. */
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-'));
  mkdirSync(path.join(folder, 'images'));
  mkdirSync(path.join(folder, 'weights'));
  writeFileSync(path.join(folder, 'weights/network.pth'), readFileSync(network));
  for (let each = 0; each < 24; each++)
    writeFileSync(path.join(folder, `images/${each}.png`), picture(each, [70 + 9 * each, 150 - 3 * each]));
  writeFileSync(path.join(folder, 'moved.yaml'), experiment);
  const ended = await runCli(['run', 'moved.yaml', '--out', 'run', '--no-report'], { cwd: folder });
  if (ended.code !== 0) throw new Error(ended.stderr);
  renameSync(path.join(folder, 'images'), path.join(folder, 'photographs'));
  renameSync(path.join(folder, 'weights'), path.join(folder, 'elsewhere'));
  renameSync(path.join(folder, 'elsewhere/network.pth'), path.join(folder, 'elsewhere/called-otherwise.pth'));
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const places = ['--weights', 'elsewhere/called-otherwise.pth', '--data', 'photographs'];
const exported = (to: string, ...words: string[]) =>
  runCli(['export', 'run', '--detector', 'ReAct', '--to', to, ...words], { cwd: folder });

/** The scores of the run, by image. */
const runScores = () =>
  new Map(
    readFileSync(path.join(folder, 'run/scores.csv'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('mine,'))
      .map((line) => line.split(','))
      .map((cells) => [cells[1]!, Number(cells.at(-1))]),
  );

async function scores(
  file: string,
  ...words: string[]
): Promise<Map<string, { score: number; isInDistribution: boolean }>> {
  const ended = await runCli(['score', file, 'photographs', '--json', ...words], { cwd: folder });
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  const lines = ended.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { image: string; score: number; isInDistribution: boolean });
  return new Map(lines.map((line) => [path.basename(line.image), line]));
}

describe('farout export, of a run whose files lie elsewhere now', () => {
  it('finds weights by --weights, whatever they are called, and ID images by --data', async () => {
    expect((await exported('a.onnx')).stderr).toContain('[OOD_MISSING_FILE]');
    expect(await exported('a.onnx', ...places)).toMatchObject({ code: 0, stderr: '' });
    const given = await scores('run', '--detector', 'ReAct', ...places);
    for (const [image, score] of runScores()) expect(given.get(image)!.score).toBeCloseTo(score, 4);
  });

  it('refuses other weights by their SHA-256, in an error of its own', async () => {
    const other = safetensors(await readCheckpoint(network), 1e-7);
    writeFileSync(path.join(folder, 'other.safetensors'), other);
    const ended = await exported('b.onnx', '--weights', 'other.safetensors', '--data', 'photographs');
    expect(ended.stderr).toContain('[OOD_WEIGHTS_CHANGED]');
    expect(ended.stderr).toContain(createHash('sha256').update(other).digest('hex'));
    expect(ended.stderr).toContain(createHash('sha256').update(readFileSync(network)).digest('hex'));
  });

  it('says the terms of the weights where a manifest knows the very file', async () => {
    expect(await readDescription(path.join(folder, 'a.onnx'))).not.toHaveProperty('licence');
    mkdirSync(path.join(folder, 'models'));
    const sha256 = createHash('sha256').update(readFileSync(network)).digest('hex');
    const source = {
      ...{
        title: 'a network',
        license: 'MIT; no warranty',
        page: 'https://example.org/',
        role: 'weights',
        layout: 'one file',
      },
      ...{
        citation: 'none',
        found: ['here'],
        files: [{ path: 'x.pth', sha256, addresses: ['https://example.org/x.pth'] }],
      },
    };
    writeFileSync(path.join(folder, 'models/mine.yaml'), JSON.stringify({ source }));
    expect((await exported('licensed.onnx', ...places)).code).toBe(0);
    expect(await readDescription(path.join(folder, 'licensed.onnx'))).toMatchObject({ licence: 'MIT; no warranty' });
  });
});

describe('farout export --input photo and --half', () => {
  it('resizes photographs of any size in the graph, and scores and calibrates with them', async () => {
    const ended = await exported('photo.onnx', '--input', 'photo', ...places);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('Compared with the run on 24 ID images');
    expect(ended.stdout).toContain("its decision differs from the run's for 0 of these images");
    const description = await readDescription(path.join(folder, 'photo.onnx'));
    expect(description).toMatchObject({ input: { kind: 'photo', name: 'photo', size: 64 }, ownScores: { moved: 0 } });
    const given = await scores('photo.onnx');
    for (const [image, score] of runScores()) expect(Math.abs(given.get(image)!.score - score)).toBeLessThan(0.05);
    const own = [...given.values()].map(({ score }) => score).sort((a, b) => a - b);
    expect(description.idScores.scores.map(Math.fround)).toEqual(own.map(Math.fround));
    expect([...given.values()].filter(({ isInDistribution }) => !isInDistribution)).toHaveLength(2);
    writeFileSync(path.join(folder, 'long.png'), encodePng({ width: 20_000, height: 1, data: new Uint8Array(60_000) }));
    const long = await runCli(['score', 'photo.onnx', 'long.png'], { cwd: folder });
    expect([long.code, long.stderr]).toEqual([1, expect.stringContaining('after the resize')]);
    mkdirSync(path.join(folder, 'calibration'));
    for (let each = 0; each < 20; each++)
      writeFileSync(path.join(folder, `calibration/${each}.png`), picture(each + 0.5, [80 + each, 90]));
    const calibrated = await runCli(['calibrate', 'photo.onnx', 'calibration', '--to', 'calibrated.onnx'], {
      cwd: folder,
    });
    expect(calibrated).toMatchObject({ code: 0 });
    expect(await readDescription(path.join(folder, 'calibrated.onnx'))).toMatchObject({ threshold: { k: 1, n: 20 } });
  });

  it('halves the weights, takes the threshold from the scores of this file, and says what moved', async () => {
    const ended = await exported('half.onnx', '--half', ...places);
    expect(ended.code).toBe(0);
    expect(ended.stdout).toMatch(/its decision differs from the run's for \d+ of these images/u);
    const bytes = (file: string) => readFileSync(path.join(folder, file)).length;
    expect(bytes('half.onnx')).toBeLessThan(0.6 * bytes('a.onnx'));
    const description = await readDescription(path.join(folder, 'half.onnx'));
    const own = [...(await scores('half.onnx')).values()].map(({ score }) => score).sort((a, b) => a - b);
    expect(description.idScores.scores.map(Math.fround)).toEqual(own.map(Math.fround));
    expect(description.threshold).toMatchObject({ rule: 'tpr', index: 1, count: 24 });
    expect(description.threshold.score).toBeCloseTo(own[1]!, 5);
    expect(description.half!.arrays).toBeGreaterThan(10);
  });

  it('refuses to compare where an ID image is missing', async () => {
    renameSync(path.join(folder, 'photographs/3.png'), path.join(folder, '3.png'));
    const ended = await exported('less.onnx', '--half', ...places);
    renameSync(path.join(folder, '3.png'), path.join(folder, 'photographs/3.png'));
    expect(ended.stderr).toContain('only 23 of the 24 ID images of the run are available');
  });
});

describe('farout export --hugging-face', () => {
  const words = ['export', 'run', '--detector', 'ReAct', ...places];

  it('writes a folder whole, and never over one that is there', async () => {
    const ended = await runCli([...words, '--hugging-face', 'hub'], { cwd: folder });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(readdirSync(path.join(folder, 'hub'), { recursive: true }).sort()).toEqual([
      'README.md',
      'config.json',
      'onnx',
      'onnx/model.onnx',
      'preprocessor_config.json',
    ]);
    expect((await readDescription(path.join(folder, 'hub/onnx/model.onnx'))).input.name).toBe('pixel_values');
    const again = await runCli([...words, '--hugging-face', 'hub'], { cwd: folder });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('hub already exists')]);
  });

  it('leaves nothing where it cannot write, and refuses what contradicts it', async () => {
    const lost = await runCli([...words, '--hugging-face', 'no/such/folder'], { cwd: folder });
    expect(lost.stderr).toContain('[OOD_MISSING_FILE]');
    expect(existsSync(path.join(folder, 'no'))).toBe(false);
    const ended = await runCli([...words, '--hugging-face', 'other', '--input', 'photo'], { cwd: folder });
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('--hugging-face')]);
  });

  it('writes the file too where it is named', async () => {
    const both = await runCli([...words, '--hugging-face', 'both', '--to', 'both.onnx'], { cwd: folder });
    expect([both.code, both.stderr]).toEqual([0, '']);
    const model = readFileSync(path.join(folder, 'both/onnx/model.onnx'));
    expect(readFileSync(path.join(folder, 'both.onnx')).equals(model)).toBe(true);
  });
});
