import { describe, expect, it } from '@jest/globals';
import type { DatasetSummary, RunResults } from '@farout/core';
import { contentDifferences, differences, incomparable } from '../src/differences.ts';
import { dataset, finishedRun } from './finished-run.ts';

const ofExperiment = (experiment: unknown) => ({ name: 'r', results: finishedRun({ experiment }) });

describe('differences', () => {
  it('tells every value in which experiments differ, by its path, and what one of them lacks', () => {
    const first = { seed: 0, detectors: { ReAct: [{ react: { percentile: 90 } }, { energy: { temperature: 1 } }] } };
    const second = { seed: 0, detectors: { ReAct: [{ react: { percentile: 70 } }] } };
    expect(differences([ofExperiment(first), ofExperiment(second)])).toEqual([
      'detectors.ReAct.0.react.percentile: 90 | 70',
      'detectors.ReAct.1.energy.temperature: 1 | —',
    ]);
  });

  it('tells parts apart that have no parameters', () => {
    const [first, second] = [{ detectors: { A: [{ msp: {} }] } }, { detectors: { A: [{ 'max-logit': {} }] } }];
    expect(differences([ofExperiment(first), ofExperiment(second)])).toEqual([
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
    expect(differences([weighed(0, 'a'), weighed(1, 'b')])).toEqual([
      'SHA-256 of the network with its weights: aaaaaaaaaaaa | bbbbbbbbbbbb',
      'seed: 0 | 1',
    ]);
  });

  it('leaves out names and stores, which change no number', () => {
    expect(differences([ofExperiment({ name: 'a', store: '/a' }), ofExperiment({ name: 'b' })])).toEqual([]);
  });

  it('counts what is too much to tell', () => {
    const many = (offset: number) => Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i + offset]));
    const lines = differences([ofExperiment(many(0)), ofExperiment(many(1)), ofExperiment(many(1))]);
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
    ['ID sets of other images', { ...usual, photographs: other('id') }, [/^The ID sets are not the same images/]],
    ['an OOD set of other images', { ...usual, sun: other('ood') }, [/^"sun" is not the same images in all runs\.$/]],
    [
      'an OOD set more',
      { ...usual, textures: dataset('ood', 480) },
      [/^The runs have different OOD sets: averages are left out\.$/],
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
      '"sun" is not the same images in all runs.',
      'b lacks 1 image of "sun" that its machine could not read: run it again.',
    ]);
  });
});
