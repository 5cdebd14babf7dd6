import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { parseNpy } from '@farout/checkpoints';
import { seenImages } from '../../src/output/seen-images.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const set = (...texts: string[]) => ({ contents: texts.map(hashOf) });
const select = { id: ['judged'], ood: ['noise', 'uniform noise'] } as never;
const datasets = new Map(['shown', 'learnt', 'judged', 'noise'].map((name) => [name, {} as never]));
const sets = new Map([
  ['shown', set('a')],
  ['learnt', set('b', 'c', 'd', 'e')],
  ['judged', set('f')],
  ['noise', set('g')],
  ['uniform noise', set('h')],
]);

const marksIn = (content: Iterable<string | Uint8Array>) =>
  parseNpy(Buffer.concat([...content].map((part) => Buffer.from(part as Uint8Array))));

describe('the images that detectors have seen', () => {
  it('are those of sets that were learnt from, by the first six bytes of their SHA-256 in ascending order', () => {
    const { named, files } = seenImages({ fit: 'learnt', detectors: [], datasets }, sets);
    expect(named).toEqual({ learnt: 'fitted/images-0.npy' });
    const { data, shape } = marksIn(files[0]!.content);
    expect(shape).toEqual([4, 6]);
    const expected = ['b', 'c', 'd', 'e'].map((text) => hashOf(text).slice(0, 12)).sort();
    expect(Buffer.from(data as Uint8Array).toString('hex')).toBe(expected.join(''));
  });

  it('are those of sets that chose parameters, but of none that is made', () => {
    const { named, files } = seenImages({ fit: undefined, detectors: [], select, datasets }, sets);
    expect(named).toEqual({ judged: 'fitted/images-0.npy', noise: 'fitted/images-1.npy' });
    expect(files.map(({ content }) => marksIn(content).shape)).toEqual([
      [1, 6],
      [1, 6],
    ]);
  });

  it('are none where nothing was learnt or chosen', () => {
    expect(seenImages({ fit: undefined, detectors: [], datasets }, sets)).toEqual({ named: {}, files: [] });
  });

  it('are none of a set that no detector asked for', () => {
    expect(seenImages({ fit: 'other', detectors: [], datasets }, sets).files).toEqual([]);
  });
});
