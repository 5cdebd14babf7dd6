import { describe, expect, it } from '@jest/globals';
import type { DatasetSummary } from '@farout/core';
import { incomparable } from '../src/incomparable.ts';
import { dataset, finishedRun } from './finished-run.ts';

const run = (name: string, datasets: Record<string, DatasetSummary>) => ({ name, results: finishedRun({ datasets }) });
const other = (role: 'id' | 'ood') => ({ ...dataset(role, 480), fingerprint: '1'.repeat(64) });

const usual = { photographs: dataset('id', 1200), sun: dataset('ood', 480), places: dataset('ood', 480) };

describe('incomparable', () => {
  it('says nothing of runs over the same images, in whatever order and with whatever fit set', () => {
    const { photographs, sun, places } = usual;
    const same = run('b', { places, sun, fit: { ...dataset('fit', 3), fingerprint: 'f' }, renamed: photographs });
    expect(incomparable([run('a', usual), same])).toEqual([]);
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
    expect(incomparable([run('a', usual), run('b', datasets)])).toEqual(
      sentences.map((sentence) => expect.stringMatching(sentence) as unknown as string),
    );
  });

  it('names a run that lacks images for no fault of theirs', () => {
    const unreadable = [
      { image: 'a.jpg', reason: 'the system ended its process (SIGKILL)', cause: 'machine' as const },
      { image: 'b.jpg', reason: 'it ends early' },
    ];
    const sun = { ...dataset('ood', 480), unreadable, fingerprint: '2'.repeat(64) };
    expect(incomparable([run('a', usual), run('b', { ...usual, sun })])).toEqual([
      '"sun" is not the same images in all runs.',
      'b lacks 1 image of "sun" that its machine could not read: run it again.',
    ]);
  });
});
