import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { cellText, type RunResults } from '@farout/core';
import { exportDetector, type Exported, type ExportRequest } from '@farout/deploy';
import { idImages, openRunDetector, prepareImage } from '@farout/runner';
import { openSession } from '@farout/runtime';
import { pageFiles } from '@farout/web/page-files';
import { parse } from 'csv-parse/sync';
import type * as OnnxruntimeWeb from 'onnxruntime-web';
import { builtIns } from '../src/built-ins.ts';
import { chromiumFile } from './chromium-file.ts';
import { chromiumScores, type Given } from './chromium-scores.ts';
import { runCli } from './run-cli.ts';
import { demo, setting } from './small-demo.ts';

/** Of all families: logits, features, distances, gradients, maps, hooks. */
const exported = ['MSP', 'GEN', 'ViM', 'RMDS', 'fDBD', 'ODIN', 'GradNorm', 'Gram', 'ReAct', 'ASH-S', 'DICE', 'LINe'];
/** Those that the demonstration has not, and one that searches rows. */
const experiment = `extends: ${JSON.stringify(demo)}
detectors:
  GEN: gen
  ViM: vim
  RMDS: rmds
  fDBD: fdbd
  ODIN: odin
  GradNorm: gradnorm
  Gram: gram
  ASH-S: [ash-s, energy]
  DICE: [dice, energy]
  LINe: [line, energy]
  KNN: knn
metrics: [auroc]
`;
const counts = { objects: 120, validation: 400, noise: 40, textures: 40 };
const overrides = [
  'store=store',
  'ood=[noise, textures]',
  ...Object.entries(counts).map(([set, count]) => `datasets.${set}.demo-images.count=${count}`),
];

let folder: string;
let run: string;
let results: RunResults;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'farout-'));
  run = path.join(folder, 'run');
  const file = path.join(folder, 'families.yaml');
  writeFileSync(file, experiment);
  const ended = await runCli(['run', file, '--out', run, '--no-report', ...setting(overrides)], { cwd: folder });
  if (ended.code !== 0 && ended.code !== 1) throw new Error(ended.stderr);
  results = JSON.parse(readFileSync(path.join(run, 'results.json'), 'utf8')) as RunResults;
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = (detector: string, more: Partial<ExportRequest> = {}): ExportRequest => ({
  ...{ folder: run, detector, builtIns, plugins: [], set: [], cwd: folder },
  ...{ tpr: 0.95, input: 'pixels' as const, ...more },
});

const files = new Map<string, Promise<Exported>>();

/** The detector as a file, written once for all tests. */
function fileOf(detector: string): Promise<Exported> {
  const file = files.get(detector) ?? exportDetector(request(detector));
  files.set(detector, file);
  return file;
}

/** The ID images, or some of them, as the network takes them: prepared once for all tests. */
async function idPixels(step = 1): Promise<readonly { readonly id: string; readonly pixels: Uint8Array }[]> {
  prepared ??= (async () => {
    const opened = await openRunDetector(request('MSP'));
    const found: { id: string; pixels: Uint8Array }[] = [];
    for await (const { id, image } of idImages(opened))
      found.push({ id, pixels: (await prepareImage(image, opened.experiment.backbone.params)).pixels! });
    return found;
  })();
  return (await prepared).filter((_, at) => at % step === 0);
}
let prepared: ReturnType<typeof idPixels> | undefined;

/** The scores of the ID images that scores.csv has. */
function writtenScores(detector: string): Map<string, number> {
  const [header, ...rows] = parse(readFileSync(path.join(run, 'scores.csv')));
  const column = header!.findIndex((cell) => cellText(cell) === detector);
  return new Map(
    rows.filter(([set]) => set === 'objects').map((row) => [cellText(row[1]!), Math.fround(Number(row[column]))]),
  );
}

describe('an exported detector', () => {
  it.each(exported)('scores and decides as the run did: %s', async (detector) => {
    const { bytes, description } = await fileOf(detector);
    const scores = writtenScores(detector);
    const session = await openSession(bytes, { threads: 1 });
    let images = 0;
    for (const { id, pixels } of await idPixels()) {
      const given = await session.run({ pixels: { data: pixels, shape: [1, 64, 64, 3] } });
      const [score] = given.score!.data as Float32Array;
      const expected = scores.get(id)!;
      expect(Math.abs(score! - expected)).toBeLessThanOrEqual(1e-5 * Math.abs(expected));
      expect(Boolean(given.is_in_distribution!.data[0])).toBe(expected > results.thresholds[detector]!);
      images++;
    }
    await session.release();
    expect(images).toBe(counts.objects);
    expect(description.threshold.score).toBe(results.thresholds[detector]);
  });

  it('gives the logits and probabilities of the network without hooks', async () => {
    const sessions = await Promise.all(
      ['ReAct', 'MSP'].map(async (name) => openSession((await fileOf(name)).bytes, { threads: 1 })),
    );
    for (const { pixels } of await idPixels(60)) {
      const feeds = { pixels: { data: pixels, shape: [1, 64, 64, 3] } };
      const [hooked, plain] = await Promise.all(sessions.map((session) => session.run(feeds)));
      expect(hooked!.logits).toEqual(plain!.logits);
      const logits = [...(plain!.logits!.data as Float32Array)];
      const largest = Math.max(...logits);
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
      for (const [at, logit] of logits.entries())
        expect(plain!.probabilities!.data[at]).toBeCloseTo(Math.exp(logit - largest) / sum, 6);
    }
    await Promise.all(sessions.map((session) => session.release()));
  });

  it('takes normalised images where it is asked to, and scores them the same', async () => {
    const { compared, description } = await exportDetector(request('ReAct', { input: 'float' }));
    expect(description.input).toEqual({ kind: 'float', name: 'pixel_values', size: 64 });
    expect(compared.images).toBeGreaterThan(50);
    expect(compared.difference).toBeLessThan(1e-5);
  });

  it('is the same to the byte when it is written twice', async () => {
    const [first, second] = [await fileOf('ReAct'), await exportDetector(request('ReAct'))];
    expect(Buffer.compare(first.bytes, second.bytes)).toBe(0);
  });

  const python = process.env.FAROUT_PYTHON ?? 'python3';
  const hasOnnx = (() => {
    try {
      execFileSync(python, ['-c', 'import onnx'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  })();
  const itWithOnnx = hasOnnx ? it : it.skip;
  itWithOnnx(
    "passes onnx's own full check in operator set 17 (needs onnx in the Python of FAROUT_PYTHON)",
    async () => {
      for (const detector of exported) {
        const { bytes } = await fileOf(detector);
        writeFileSync(path.join(folder, `check-${detector}.onnx`), bytes);
      }
      const check = [
        'import onnx, sys',
        'for name in sys.argv[1:]:',
        '    m = onnx.load(name)',
        '    onnx.checker.check_model(m, full_check=True)',
        '    print(m.ir_version, [o.version for o in m.opset_import])',
      ].join('\n');
      const named = exported.map((detector) => path.join(folder, `check-${detector}.onnx`));
      const said = execFileSync(python, ['-c', check, ...named], { encoding: 'utf8' });
      expect(said.trim().split('\n')).toEqual(exported.map(() => '8 [17]'));
    },
  );
});

const ort = createRequire(import.meta.url)('onnxruntime-web') as typeof OnnxruntimeWeb;
// More of them would be workers.
ort.env.wasm.numThreads = 1;

/** What a detector gives for some of the ID images by onnxruntime-node, and what it is compared by. */
async function byNode(detector: string) {
  const { bytes } = await fileOf(detector);
  const session = await openSession(bytes, { threads: 1 });
  const images = (await idPixels(10)).map(({ pixels }) => pixels);
  const given: Given[] = [];
  for (const pixels of images) {
    const { score, is_in_distribution: isId } = await session.run({ pixels: { data: pixels, shape: [1, 64, 64, 3] } });
    given.push({ score: Number(score!.data[0]), isId: isId!.data[0] === 1 });
  }
  await session.release();
  return { bytes, images, given };
}

/** Of the largest score, 1e-5; no decision is another. */
function expectSame(found: readonly Given[], given: readonly Given[]): void {
  const largest = Math.max(...given.map(({ score }) => Math.abs(score)));
  expect(found.map(({ isId }) => isId)).toEqual(given.map(({ isId }) => isId));
  const differences = found.map(({ score }, at) => Math.abs(score - given[at]!.score) / largest);
  expect(Math.max(...differences)).toBeLessThanOrEqual(1e-5);
}

describe('an exported detector in other runtimes', () => {
  it.each(exported)('scores and decides in WebAssembly, in Node: %s', async (detector) => {
    const { bytes, images, given } = await byNode(detector);
    const session = await ort.InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const found: Given[] = [];
    for (const pixels of images) {
      const { score, is_in_distribution: isId } = await session.run({
        pixels: new ort.Tensor('uint8', pixels, [1, 64, 64, 3]),
      });
      found.push({ score: Number(score!.data[0]), isId: isId!.data[0] === 1 });
    }
    await session.release();
    expectSame(found, given);
  });

  const itInBrowser = chromiumFile ? it : it.skip;
  itInBrowser(
    'scores and decides in Chromium: logits, features, gradients, maps, hooks (skipped where there is none)',
    async () => {
      const chosen = await Promise.all(['GEN', 'ViM', 'ODIN', 'Gram', 'ReAct'].map(byNode));
      const found = await chromiumScores(
        chosen.map(({ bytes }) => bytes),
        chosen[0]!.images,
      );
      for (const [at, { given }] of chosen.entries()) expectSame(found[at]!, given);
    },
  );
});

describe('farout export', () => {
  it('writes the file and says where it draws the line, but never over one that is there', async () => {
    const words = ['export', run, '--detector', 'ReAct', '--to', 'react.onnx'];
    const ended = await runCli(words, { cwd: folder });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('react.onnx: ReAct');
    expect(ended.stdout).toContain('of 120 ID images do (requested: 0.95)');
    const again = await runCli(words, { cwd: folder });
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('react.onnx already exists');
  });

  it('writes a page with the detector beside it, but never over a folder that is there', async () => {
    const words = ['export', run, '--detector', 'ReAct', '--page', 'site'];
    const ended = await runCli(words, { cwd: folder });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('site: ReAct');
    const files = Object.keys(await pageFiles());
    expect(files).toEqual(expect.arrayContaining(['index.html', 'farout.js', 'ort-wasm-simd-threaded.wasm']));
    expect(readdirSync(path.join(folder, 'site')).sort()).toEqual([...files, 'detector.onnx'].sort());
    const { bytes } = await fileOf('ReAct');
    expect(Buffer.compare(readFileSync(path.join(folder, 'site', 'detector.onnx')), bytes)).toBe(0);
    mkdirSync(path.join(folder, 'mine'));
    const again = await runCli([...words.slice(0, -1), 'mine'], { cwd: folder });
    expect([again.code, again.stderr]).toEqual([2, expect.stringMatching(/mine already exists\s.*--page/)]);
    expect(readdirSync(path.join(folder, 'mine'))).toEqual([]);
  });

  it('refuses a detector that the run has not, and one that is no tensor algebra', async () => {
    const of = (detector: string) =>
      runCli(['export', run, '--detector', detector, '--to', 'other.onnx'], { cwd: folder });
    expect((await of('Reakt')).stderr).toContain('[OOD_BAD_COMMAND]');
    const knn = await of('KNN');
    expect([knn.code, knn.stderr]).toEqual([2, expect.stringContaining('[OOD_EXPORT_REFUSED]')]);
  });

  it("loads a plugin from the user's folder, not a file of that name from the run's", async () => {
    writeFileSync(
      path.join(folder, 'mine.mjs'),
      "import { definePlugin, defineMetric } from '@farout/core';\nexport default definePlugin({ name: 'mine', metrics: [defineMetric({ name: 'half', better: 'higher', value: () => 0.5 })] });\n",
    );
    writeFileSync(path.join(run, 'mine.mjs'), "throw new Error('the code of the run folder ran');\n");
    const words = ['export', run, '--detector', 'ReAct', '--to', 'plugged.onnx', '--plugin', './mine.mjs'];
    const ended = await runCli(words, { cwd: folder });
    rmSync(path.join(run, 'mine.mjs'));
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('refuses a network that scores otherwise than in the run, and a run that was changed by hand', async () => {
    const [other, changed] = [path.join(folder, 'other'), path.join(folder, 'changed')];
    execFileSync('cp', ['-r', run, other]);
    execFileSync('cp', ['-r', run, changed]);
    const file = path.join(changed, 'results.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"seed": 0', '"seed": 1'));
    const ended = await runCli(['export', changed, '--detector', 'ReAct', '--to', 'c.onnx'], { cwd: folder });
    expect(ended.stderr).toContain('is not a file that farout wrote there');
    const mean = ['--set', 'backbone.demo-resnet.mean=[0.4, 0.4, 0.4]'];
    const otherwise = await runCli(['export', other, '--detector', 'ReAct', '--to', 'c.onnx', ...mean], {
      cwd: folder,
    });
    expect(otherwise.stderr).toContain('[OOD_EXPORT_REFUSED]');
  });
});
