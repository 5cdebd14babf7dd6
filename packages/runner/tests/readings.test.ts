import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseNpy } from '@farout/checkpoints';
import { openSession } from '@farout/runtime';
import { hashBytes } from '../src/store/entries.ts';
import { mapsOf, runTapped, tappedFeaturesOf, tappedLogitsOf } from './fixtures/tapped.ts';
import { pixelsOf, temporaryFolder, writeImages } from './fixtures/tiny.ts';

/** 12 images in distribution, 6 to learn from, 8 out of it: numbers 0–11, 50–55 and 100–107. */
let folder: string;
const all = 26;
const compared = 20;

beforeEach(async () => {
  folder = await temporaryFolder();
  await writeImages(path.join(folder, 'id'), 0, 12);
  await writeImages(path.join(folder, 'fit'), 50, 56);
  await writeImages(path.join(folder, 'ood'), 100, 108);
});

const at = (...names: string[]) => path.join(folder, 'store', ...names);

/** The files of a folder of the store, with what they hold and when they were written; a note is written again with each use, as it was. */
const filesOf = (name: string) =>
  readdirSync(at(name), { recursive: true, encoding: 'utf8' })
    .filter((file) => statSync(at(name, file)).isFile())
    .map((file) => [file, hashBytes(readFileSync(at(name, file))), writtenAt(name, file)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));

const writtenAt = (name: string, file: string) =>
  path.basename(file) === 'about.json' ? undefined : statSync(at(name, file)).mtimeMs;
/** What the notes beside readings say that they are, by key. */
const readings = () =>
  new Map(
    readdirSync(at('readings')).map((key) => {
      const { data } = JSON.parse(readFileSync(at('readings', key, 'about.json'), 'utf8')) as {
        data: { what: string };
      };
      return [key, data.what];
    }),
  );

interface Manifest {
  readonly width: number;
  readonly blocks: readonly { readonly sha256: string; readonly rows: readonly string[] }[];
}

/** The rows of a reading in the store, by the SHA-256 of their image. */
function storedRows(key: string): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  for (const file of readdirSync(at('readings', key)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name))) {
    const { width, blocks } = (JSON.parse(readFileSync(at('readings', key, file), 'utf8')) as { data: Manifest }).data;
    for (const block of blocks) {
      const { data } = parseNpy(readFileSync(at('readings', key, `${block.sha256}.npy`)));
      block.rows.forEach((content, row) => rows.set(content, Array.from(data.slice(row * width, (row + 1) * width), Number))); // prettier-ignore
    }
  }
  return rows;
}

const keyOf = (what: string) => [...readings()].find(([, said]) => said === what)![0];
const maximaOf = (map: readonly number[][]) => map.map((channel) => Math.max(...channel));
const minimaOf = (map: readonly number[][]) => map.map((channel) => Math.min(...channel));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const imageOf = (seed: number) =>
  readFileSync(path.join(folder, seed < 50 ? 'id' : seed < 100 ? 'fit' : 'ood', `${seed}.png`));
const seeds = [...Array(12).keys(), ...Array.from({ length: 8 }, (_, i) => 100 + i)];

const lifted = (seed: number) => {
  const maxima = maximaOf(mapsOf(seed).stem);
  return Math.max(...tappedLogitsOf(tappedFeaturesOf(seed).map((h, d) => h + 0.5 * maxima[d]!)));
};

type Scores = Awaited<ReturnType<typeof runTapped>>['scores'];

/** A detector's scores are those of plain loops, for every image that is compared. */
function expectScores(scores: Scores, detector: string, expected: (seed: number) => number): void {
  expect(scores.map(({ image }) => Number.parseInt(image!))).toEqual(seeds);
  for (const { image, [detector]: score } of scores)
    expect(Number(score)).toBeCloseTo(expected(Number.parseInt(image!)), 5);
}

describe('parts that read maps on the way', () => {
  const detectors = '{ Lifted: [lifted, max-logit], Late: brightest, Max: max-logit }';

  it('score as plain loops do, a hook and a scorer, and what they read lies in the store', async () => {
    const { results, scores } = await runTapped(folder, detectors);
    expect([results.failed, results.passes]).toEqual([[], [all]]);
    expectScores(scores, 'Lifted', lifted);
    expectScores(scores, 'Late', (seed) => sum(maximaOf(mapsOf(seed).late)));
    expectScores(scores, 'Max', (seed) => Math.max(...tappedLogitsOf(tappedFeaturesOf(seed))));
    for (const [what, tap] of [
      ['reading "extremes" of "Late"', 'late'],
      ['reading "maxima" of "Lifted"', 'stem'],
    ] as const) {
      const rows = storedRows(keyOf(what));
      expect(rows.size).toBe(compared);
      for (const seed of seeds) {
        const row = rows.get(hashBytes(imageOf(seed)))!;
        maximaOf(mapsOf(seed)[tap]).forEach((value, d) => expect(row[d]).toBeCloseTo(value, 5));
      }
    }
    expect(storedRows(keyOf('the features')).size).toBe(all);
  });

  it('that come later read the images for their own reading alone, each once', async () => {
    await runTapped(folder, detectors);
    const [before, graphs] = [filesOf('readings'), filesOf('graphs').map(([name]) => name)];
    const more = detectors.replace('{', '{ Dark: { darkest: { tap: stem } },');
    const { results, scores } = await runTapped(folder, more);
    expect([results.failed, results.passes, results.imagesRead]).toEqual([[], [compared], compared]);
    expectScores(scores, 'Dark', (seed) => sum(minimaOf(mapsOf(seed).stem)));
    expectScores(scores, 'Lifted', lifted);
    const key = keyOf('reading "extremes" of "Dark"');
    expect(filesOf('readings').filter(([name]) => !name.startsWith(key))).toEqual(before);
    const [graph, ...others] = filesOf('graphs').filter(([name]) => !graphs.includes(name));
    expect(others).toEqual([]);
    const session = await openSession(at('graphs', graph![0]), { threads: 1 });
    expect(session.outputs).toEqual([`reading_${key}`]);
    await session.release();
  });

  it('share a reading that is the same, whatever they call it', async () => {
    await runTapped(folder, detectors);
    const before = filesOf('readings');
    const { results, scores } = await runTapped(folder, '{ Stem: { brightest: { tap: stem } } }');
    expect([results.failed, results.passes]).toEqual([[], [0]]);
    expectScores(scores, 'Stem', (seed) => sum(maximaOf(mapsOf(seed).stem)));
    expect(filesOf('readings')).toEqual(before);
  });

  it('fail by the names that there are where a map is not, and the others go on', async () => {
    const { results, scores } = await runTapped(folder, '{ Odd: { brightest: { tap: layer4 } }, Late: brightest }');
    expect(results.failed).toEqual([
      { detector: 'Odd', code: 'OOD_UNKNOWN_TAP', message: expect.stringContaining('no tap "layer4"') as unknown },
    ]);
    expectScores(scores, 'Late', (seed) => sum(maximaOf(mapsOf(seed).late)));
  });
});

describe('a part that learns from a reading which it does not declare', () => {
  it('fails by the name of the reading', async () => {
    const { results } = await runTapped(folder, '{ Odd: undeclared, Max: max-logit }');
    expect(results.failed).toEqual([
      {
        detector: 'Odd',
        code: 'OOD_DETECTOR_FAILED',
        message: expect.stringContaining('"undeclared" learns from undeclared readings: maxima') as unknown,
      },
    ]);
    expect(Object.keys(results.thresholds)).toEqual(['Max']);
  });
});

/** What a brighter image's features are, in plain loops. */
const brighterFeatures = (seed: number) => {
  const sums = [0, 0, 0];
  pixelsOf(seed).forEach((value, i) => {
    const stem = Math.max(2 * (value / 255 + 0.25) - 0.5, 0);
    sums[i % 3]! += Math.max(stem - 0.25, 0);
  });
  return sums.map((total) => total / (pixelsOf(seed).length / 3));
};
const fitSeeds = [50, 51, 52, 53, 54, 55];

describe('passes over the images', () => {
  it('are two at most: what needs a third fails by its name, and the others go on', async () => {
    const { results, scores } = await runTapped(
      folder,
      '{ Third: [stepwise, brighter], Stepwise: [stepwise, max-logit], Centred: [centred, brighter], Max: max-logit }',
    );
    expect(results.failed).toEqual([
      {
        detector: 'Third',
        code: 'OOD_DETECTOR_FAILED',
        message: expect.stringMatching(/depends on what the second pass over the images learns/) as unknown,
      },
    ]);
    // Stepwise learns from the fit set in the second pass.
    expect(results.passes).toEqual([all, all]);
    const most = Math.max(...fitSeeds.flatMap((seed) => brighterFeatures(seed).map((h) => h - 0.1)));
    expectScores(scores, 'Stepwise', (seed) =>
      Math.max(...tappedLogitsOf(tappedFeaturesOf(seed).map((h) => Math.min(h, most)))),
    );
    const mean = [0, 1, 2].map((d) => sum(fitSeeds.map((seed) => tappedFeaturesOf(seed)[d]!)) / fitSeeds.length);
    expectScores(scores, 'Centred', (seed) =>
      Math.max(...tappedLogitsOf(brighterFeatures(seed).map((h, d) => h - mean[d]!))),
    );
  });

  it('read in the second one exactly the images that are compared, and none when they are in the store', async () => {
    const detectors = '{ Bright: brighter, Centred: [centred, brighter], Late: brightest }';
    expect((await runTapped(folder, detectors)).results.passes).toEqual([all, compared]);
    expect((await runTapped(folder, detectors)).results.passes).toEqual([0, 0]);
  });

  it('are one where all that the second one was for is refused', async () => {
    const { results } = await runTapped(folder, '{ Late: [centred, refused: { by: operator }], Max: max-logit }');
    expect(results.failed).toMatchObject([{ detector: 'Late', code: 'OOD_ONNX_REFUSED' }]);
    expect(results.passes).toEqual([all]);
  });
});

describe('a reading whose graph onnxruntime refuses', () => {
  it.each([
    ['does not open', 'operator', /com\.example/],
    ['does not run', 'run', /cannot be reshaped|reshape/i],
  ])('costs its own detector and never the run, where it %s', async (_, by, message) => {
    const { results, scores } = await runTapped(
      folder,
      `{ Refused: { refused: { by: ${by} } }, Late: brightest, Bright: brighter, Max: max-logit }`,
    );
    expect(results.failed).toEqual([
      { detector: 'Refused', code: 'OOD_ONNX_REFUSED', message: expect.stringMatching(message) as unknown },
    ]);
    expect(results.passes).toEqual([all]);
    expectScores(scores, 'Late', (seed) => sum(maximaOf(mapsOf(seed).late)));
    expectScores(scores, 'Bright', (seed) => Math.max(...tappedLogitsOf(brighterFeatures(seed))));
  });
});

describe('a reading that falls over some images only', () => {
  it('costs its own detector and never the run; the others keep what they have', async () => {
    const detectors = '{ Refused: { refused: { by: image } }, Late: brightest, Bright: brighter, Max: max-logit }';
    const { results, scores } = await runTapped(folder, detectors);
    expect(results.failed).toEqual([
      { detector: 'Refused', code: 'OOD_ONNX_REFUSED', message: expect.stringMatching(/range/) as unknown },
    ]);
    expectScores(scores, 'Late', (seed) => sum(maximaOf(mapsOf(seed).late)));
    expectScores(scores, 'Bright', (seed) => Math.max(...tappedLogitsOf(brighterFeatures(seed))));
    expectScores(scores, 'Max', (seed) => Math.max(...tappedLogitsOf(tappedFeaturesOf(seed))));
  });
});

describe('parts that are odd', () => {
  it('cost their own detector where they throw while they say what they learn', async () => {
    const { results, scores } = await runTapped(folder, '{ Odd: speechless, Hook: [dumb, max-logit], Max: max-logit }');
    expect(results.failed.map(({ detector, message }) => [detector, message])).toEqual([
      ['Odd', expect.stringContaining('no words')],
      ['Hook', expect.stringContaining('no words')],
    ]);
    expectScores(scores, 'Max', (seed) => Math.max(...tappedLogitsOf(tappedFeaturesOf(seed))));
  });

  it('score where a reading is the features themselves, and where a detector is called what those are called', async () => {
    const { results, scores } = await runTapped(folder, '{ Same: mirror, the features: brighter, Max: max-logit }');
    expect([results.failed, results.passes]).toEqual([[], [all]]);
    expectScores(scores, 'Same', (seed) => sum(tappedFeaturesOf(seed)));
    expectScores(scores, 'the features', (seed) => Math.max(...tappedLogitsOf(brighterFeatures(seed))));
    expectScores(scores, 'Max', (seed) => Math.max(...tappedLogitsOf(tappedFeaturesOf(seed))));
  });
});

describe('fit of a part', () => {
  const meanOf = (of: readonly number[]) =>
    [0, 1, 2].map((d) => sum(of.map((seed) => tappedFeaturesOf(seed)[d]!)) / of.length);
  const centred = (mean: readonly number[]) => (seed: number) =>
    Math.max(...tappedLogitsOf(tappedFeaturesOf(seed).map((h, d) => h - mean[d]!)));

  it('is what the part alone learns from; the others learn from the set of the experiment', async () => {
    const { results, scores, warnings } = await runTapped(
      folder,
      '{ Own: [centred: { fit: outside }, max-logit], Usual: [centred, max-logit] }',
    );
    expect([results.failed, results.passes]).toEqual([[], [all]]);
    expectScores(scores, 'Own', centred(meanOf(seeds.slice(12))));
    expectScores(scores, 'Usual', centred(meanOf(fitSeeds)));
    expect(results.datasets.outside!.roles).toEqual(['fit', 'ood']);
    expect(warnings).toEqual([
      '"outside" is both the fit and the OOD set: detectors that learn are tested on images they learnt from.',
    ]);
  });

  it('has its overlap with other sets told by its name, also where the experiment has no fit set', async () => {
    const { results, scores, warnings } = await runTapped(
      folder,
      '{ Own: [centred: { fit: late }, max-logit], Max: max-logit }',
      (text) => text.replace('fit: learnt\n', ''),
    );
    expect(results.failed).toEqual([]);
    expectScores(scores, 'Own', centred(meanOf([9, 10, 11])));
    expect(warnings).toEqual([
      '3 images of the fit set "late" are also in the ID set "inside", the first "9.png": detectors that learn are tested on images they learnt from.',
    ]);
  });

  it('is looked at by all that learn behind it, and by later steps: images that come to it change what these learn', async () => {
    const detectors =
      '{ Hooks: [centred: { fit: learnt }, centred: { fit: outside }, max-logit], Steps: { two-sets: { fit: learnt } } }';
    for (const last of [56, 60]) {
      await writeImages(path.join(folder, 'fit'), 56, last);
      const { results, scores } = await runTapped(folder, detectors);
      expect(results.failed).toEqual([]);
      const mean = meanOf(seeds.slice(12));
      expectScores(scores, 'Hooks', centred(mean));
      expectScores(scores, 'Steps', (seed) => sum(tappedFeaturesOf(seed).map((h, d) => h - mean[d]!)));
    }
  });
});
