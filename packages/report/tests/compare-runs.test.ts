import { describe, expect, it } from '@jest/globals';
import type { DatasetSummary, RunResults } from '@farout/core';
import { compareRuns, incomparable } from '../src/compare-runs.ts';
import { contentDifferences, experimentDifferences } from '../src/experiment-differences.ts';
import { auroc, dataset, finishedRun, fpr95, measured } from './finished-run.ts';

const plain = { colour: false, width: 100 };
const run = (name: string, table: Record<string, Record<string, number>>, changes = {}) => ({
  name,
  results: finishedRun({ metrics: [auroc], results: measured('auroc', table), ...changes }),
});

describe('compareRuns', () => {
  it('puts runs of a detector below each other, those that agree on one line, and marks the best of all', () => {
    const first = run('runs/a', { MSP: { sun: 0.5, average: 0.5 }, ReAct: { sun: 0.7, average: 0.7 } });
    const second = run(
      'runs/bb',
      { MSP: { sun: 0.5, average: 0.5 }, ReAct: { sun: 0.8, average: 0.8 } },
      { accuracy: 0.5 },
    );
    expect(compareRuns([first, second], plain)).toBe(
      `runs/a   ID accuracy 76.13 %  photographs, 1,200 images
runs/bb  ID accuracy 50.00 %  photographs, 1,200 images

 AUROC ↑           sun
────────────────────────
 MSP             50.00
 ReAct, runs/a   70.00
 ReAct, runs/bb  80.00*

All numbers in percent; ↓ lower is better, ↑ higher is better; * marks the best of a column.
`,
    );
  });

  it('leaves a gap where a run lacks a set, and leaves averages over different sets out', () => {
    const sets = { photographs: dataset('id', 1200), sun: dataset('ood', 480) };
    const first = run('a', { MSP: { textures: 0.6, sun: 0.5, average: 0.55 } });
    const second = run('b', { MSP: { sun: 0.7, average: 0.7 } }, { datasets: sets });
    const text = compareRuns([first, second], plain);
    expect(text).toContain(` AUROC ↑  textures     sun
────────────────────────────
 MSP, a      60.00   50.00
 MSP, b          —   70.00*
`);
    expect(text).toContain('\nThe runs have different OOD sets, so averages are left out.\n');
  });

  it('keeps a group that one run alone has, and leaves out one that is a set or over other sets elsewhere', () => {
    const row = { sun: 0.5, textures: 0.7, both: 0.6, one: 0.5, sets: 0.6, average: 0.6 };
    const sets = { ...finishedRun().datasets, sets: dataset('ood', 480) };
    const groups = { both: ['sun', 'textures'], one: ['sun'], sets: ['textures', 'sun'] };
    const first = run('a', { MSP: row }, { groups });
    const second = run(
      'b',
      { MSP: { sun: 0.4, one: 0.9, sets: 0.8 } },
      { groups: { one: ['textures'] }, datasets: sets },
    );
    const text = compareRuns([first, second], plain);
    expect(text).toContain(` AUROC ↑    sun   textures    sets    both
────────────────────────────────────────────
 MSP, a   50.00*     70.00       —   60.00
 MSP, b   40.00          —   80.00       —
`);
    expect(text).toContain('\nboth is the mean over sun and textures.\n');
    for (const group of ['one', 'sets'])
      expect(text).toContain(`\nThe group "${group}" does not cover the same sets in all runs and is left out.\n`);
  });

  it('keeps a group whose sets are listed in another order', () => {
    const row = { sun: 0.5, textures: 0.7, both: 0.6 };
    const of = (name: string, both: string[]) => run(name, { MSP: row }, { groups: { both } });
    const text = compareRuns([of('a', ['sun', 'textures']), of('b', ['textures', 'sun'])], plain);
    expect(text).toContain('both');
    expect(text).not.toContain('left out');
  });

  it('shows every metric that some run has', () => {
    const first = run('a', { MSP: { sun: 0.5 } });
    const second = run('b', {}, { metrics: [fpr95], results: measured('fpr95', { MSP: { sun: 0.3 } }) });
    const text = compareRuns([first, second], plain);
    expect(text).toContain('AUROC ↑');
    expect(text).toContain('FPR95, ID positive ↓');
  });

  it('says of each run what must be known of its numbers', () => {
    const sets = [
      { dataset: 'photographs', role: 'fit' },
      { dataset: 'photographs', role: 'id' },
    ] as const;
    const table = { MSP: { sun: 0.5 }, ReAct: { sun: 0.7 } };
    const first = run('a', table, {
      overlaps: [{ sets, images: 1200, example: 'a.jpg' }],
      remarks: ['labels off by one'],
    });
    const second = run('b', table, { failed: [{ detector: 'ODIN', code: 'OOD_SHAPE', message: 'no' }] });
    const text = compareRuns([first, second], plain);
    expect(text).toContain(
      '\na: Sets that share images\n  photographs is both the fit and the ID set: detectors that learn were tested',
    );
    expect(text).toContain('\na: 1 remark\n  labels off by one\n');
    expect(text).toContain('\nb: 1 detector failed\n  ODIN: no [OOD_SHAPE]\n');
  });

  it('marks no FPR95 of a detector whose scores are tied at the threshold in one of the runs', () => {
    const metrics = [fpr95];
    const of = (name: string, value: number, changes = {}) => ({
      name,
      results: finishedRun({
        metrics,
        results: measured('fpr95', { MSP: { sun: value }, A: { sun: 0.5 }, B: { sun: 0.6 } }),
        ...changes,
      }),
    });
    const text = compareRuns([of('a', 0, { tied: { MSP: 0.2 } }), of('b', 0.9)], plain);
    expect(text).toMatch(/ MSP, a {2,}0\.00\n MSP, b {2,}90\.00\n A {2,}50\.00\*\n/);
    expect(text).toContain('fewer than 95 % exceed it: 20.00 % with MSP, a. These numbers are not marked.');
  });

  it('says how the experiments differ', () => {
    const first = run('a', { MSP: { sun: 0.5 } }, { experiment: { seed: 1 } });
    const second = run('b', { MSP: { sun: 0.7 } }, { experiment: { seed: 2 } });
    expect(compareRuns([first, second], plain)).toContain('\n\nDifferences between the experiments\n  seed: 1 | 2\n\n');
    expect(compareRuns([first, first], plain)).not.toContain('differ');
  });

  it('marks no detector as best whose scores were all equal', () => {
    const first = run('a', { MSP: { sun: 0.5 } }, { constant: ['MSP'] });
    const second = run('b', { MSP: { sun: 0.4 }, Energy: { sun: 0.3 } });
    const text = compareRuns([first, second], plain);
    expect(text).toContain('MSP, a     50.00\n MSP, b     40.00*\n');
  });
});

const ofExperiment = (experiment: unknown) => ({ name: 'r', results: finishedRun({ experiment }) });

describe('experimentDifferences', () => {
  it('tells every value in which experiments differ, by its path, and what one of them lacks', () => {
    const first = { seed: 0, detectors: { ReAct: [{ react: { percentile: 90 } }, { energy: { temperature: 1 } }] } };
    const second = { seed: 0, detectors: { ReAct: [{ react: { percentile: 70 } }] } };
    expect(experimentDifferences([ofExperiment(first), ofExperiment(second)])).toEqual([
      'detectors.ReAct.0.react.percentile: 90 | 70',
      'detectors.ReAct.1.energy.temperature: 1 | —',
    ]);
  });

  it('tells parts apart that have no parameters', () => {
    const [first, second] = [{ detectors: { A: [{ msp: {} }] } }, { detectors: { A: [{ 'max-logit': {} }] } }];
    expect(experimentDifferences([ofExperiment(first), ofExperiment(second)])).toEqual([
      'detectors.A.0.msp: {} | —',
      'detectors.A.0.max-logit: — | {}',
    ]);
  });

  it('tells first what differs where the experiments say the same', () => {
    const hashes = (digit: string) => ({ experiment: '', backbone: digit.repeat(64) });
    const weighed = (seed: number, digit: string) => ({
      name: 'r',
      results: finishedRun({ experiment: { seed }, hashes: hashes(digit) }),
    });
    expect(experimentDifferences([weighed(0, 'a'), weighed(1, 'b')])).toEqual([
      'SHA-256 of the network with its weights: aaaaaaaaaaaa | bbbbbbbbbbbb',
      'seed: 0 | 1',
    ]);
  });

  it('leaves out names and stores, which change no number', () => {
    expect(experimentDifferences([ofExperiment({ name: 'a', store: '/a' }), ofExperiment({ name: 'b' })])).toEqual([]);
  });

  it('counts what is too much to tell', () => {
    const many = (offset: number) => Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i + offset]));
    const lines = experimentDifferences([ofExperiment(many(0)), ofExperiment(many(1)), ofExperiment(many(1))]);
    expect(lines).toHaveLength(13);
    expect([lines[0], lines[12]]).toEqual(['k0: 0 | 1 | 1', 'and 8 more']);
  });
});

const [a, b] = ['a'.repeat(64), 'b'.repeat(64)];
const experiment = {
  backbone: { onnx: { weights: '/models/net.onnx' } },
  datasets: { train: { 'image-folder': { path: '/train' } } },
  fit: 'train',
};
const elsewhere = {
  backbone: { onnx: { weights: '/models/other.onnx' } },
  datasets: { train: { 'image-folder': { path: '/other' } } },
  fit: 'train',
};
const changed = (changes: Partial<RunResults>) => ({ name: 'r', results: finishedRun({ experiment, ...changes }) });
const withHashes = (backbone: string, head?: string, said = experiment) =>
  changed({ experiment: said, hashes: { experiment: a, backbone, ...(head !== undefined && { head }) } });
const withFit = (fingerprint: string, said: unknown = experiment) =>
  changed({ experiment: said, datasets: { train: { ...dataset('fit', 3), fingerprint } } });

describe('contentDifferences', () => {
  it('tells weights that are others under the same path', () => {
    expect(contentDifferences([withHashes(a), withHashes(b)])).toEqual([
      'SHA-256 of the network with its weights: aaaaaaaaaaaa | bbbbbbbbbbbb',
    ]);
  });

  it('tells a last layer of its own, where runs say what theirs is', () => {
    expect(contentDifferences([withHashes(a, a), withHashes(a, b), withHashes(a)])).toEqual([
      'SHA-256 of the last layer: aaaaaaaaaaaa | bbbbbbbbbbbb | —',
    ]);
    expect(contentDifferences([withHashes(a, a), withHashes(a)])).toEqual([]);
  });

  it('tells images of the fit set that are others under the same path', () => {
    expect(contentDifferences([withFit(a), withFit(b)])).toEqual([
      "SHA-256 of the fit set's images: aaaaaaaaaaaa | bbbbbbbbbbbb",
    ]);
  });

  it('says nothing of what the experiments say themselves: other paths, no fit set', () => {
    expect(contentDifferences([withHashes(a), withHashes(b, undefined, elsewhere)])).toEqual([]);
    expect(contentDifferences([withFit(a), withFit(b, elsewhere)])).toEqual([]);
    const { backbone, datasets } = experiment;
    expect(contentDifferences([withFit(a), changed({ experiment: { backbone, datasets } })])).toEqual([]);
  });

  it('finds two of three runs that say the same', () => {
    const lines = contentDifferences([withHashes(a), withHashes(b, undefined, elsewhere), withHashes(b)]);
    expect(lines).toEqual(['SHA-256 of the network with its weights: aaaaaaaaaaaa | bbbbbbbbbbbb | bbbbbbbbbbbb']);
  });

  it('says nothing of equal runs, and bears an experiment that is none', () => {
    expect(contentDifferences([withHashes(a), withHashes(a)])).toEqual([]);
    expect(contentDifferences([changed({ experiment: null }), changed({ experiment: 'x' })])).toEqual([]);
  });
});

const withSets = (name: string, datasets: Record<string, DatasetSummary>) => ({
  name,
  results: finishedRun({ datasets }),
});
const other = (role: 'id' | 'ood') => ({ ...dataset(role, 480), fingerprint: '1'.repeat(64) });

const usual = { photographs: dataset('id', 1200), sun: dataset('ood', 480), places: dataset('ood', 480) };

describe('incomparable', () => {
  it('says nothing of runs over the same images, in whatever order and with whatever fit set', () => {
    const { photographs, sun, places } = usual;
    const same = withSets('b', { places, sun, fit: { ...dataset('fit', 3), fingerprint: 'f' }, renamed: photographs });
    expect(incomparable([withSets('a', usual), same])).toEqual([]);
  });

  it.each([
    ['ID sets of other images', { ...usual, photographs: other('id') }, [/^The runs have different ID images/]],
    [
      'an OOD set of other images',
      { ...usual, sun: other('ood') },
      [/^"sun" does not hold the same images in all runs\.$/],
    ],
    [
      'an OOD set more',
      { ...usual, textures: dataset('ood', 480) },
      [/^The runs have different OOD sets, so averages are left out\.$/],
    ],
  ])('names %s', (_, datasets, sentences) => {
    expect(incomparable([withSets('a', usual), withSets('b', datasets)])).toEqual(
      sentences.map((sentence) => expect.stringMatching(sentence) as unknown as string),
    );
  });

  it('names a run that lacks images for no fault of theirs', () => {
    const unreadable = [
      { image: 'a.jpg', reason: 'the system ended its process (SIGKILL)', cause: 'machine' as const },
      { image: 'b.jpg', reason: 'it ends early' },
    ];
    const sun = { ...dataset('ood', 480), unreadable, fingerprint: '2'.repeat(64) };
    expect(incomparable([withSets('a', usual), withSets('b', { ...usual, sun })])).toEqual([
      '"sun" does not hold the same images in all runs.',
      'b lacks 1 image of "sun" that its machine could not read: run it again.',
    ]);
  });
});
