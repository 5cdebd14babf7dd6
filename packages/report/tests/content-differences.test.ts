import { describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { contentDifferences } from '../src/content-differences.ts';
import { dataset, finishedRun } from './finished-run.ts';

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
const run = (changes: Partial<RunResults>) => ({ name: 'r', results: finishedRun({ experiment, ...changes }) });
const withHashes = (backbone: string, head?: string, said = experiment) =>
  run({ experiment: said, hashes: { experiment: a, backbone, ...(head !== undefined && { head }) } });
const withFit = (fingerprint: string, said: unknown = experiment) =>
  run({ experiment: said, datasets: { train: { ...dataset('fit', 3), fingerprint } } });

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
    expect(contentDifferences([withFit(a), run({ experiment: { backbone, datasets } })])).toEqual([]);
  });

  it('finds two of three runs that say the same', () => {
    const lines = contentDifferences([withHashes(a), withHashes(b, undefined, elsewhere), withHashes(b)]);
    expect(lines).toEqual(['SHA-256 of the network with its weights: aaaaaaaaaaaa | bbbbbbbbbbbb | bbbbbbbbbbbb']);
  });

  it('says nothing of equal runs, and bears an experiment that is none', () => {
    expect(contentDifferences([withHashes(a), withHashes(a)])).toEqual([]);
    expect(contentDifferences([run({ experiment: null }), run({ experiment: 'x' })])).toEqual([]);
  });
});
