import { describe, expect, it } from '@jest/globals';
import { defineHook, type FinishedPart } from '@farout/core';
import { constant, input, type Tensor } from '@farout/tensor';
import type { Experiment } from '../../src/experiment.ts';
import {
  clip,
  costly,
  featuresFrom,
  hook,
  maxLogit,
  plain,
  prepareRuns,
  run,
  seen,
  shownIn,
  told,
} from '../fixtures/paged-parts.ts';
import { detector, headBias, headWeight, part, tinyBackbone } from '../fixtures/tiny.ts';

prepareRuns();

/** The tiny backbone with the map that it pools. */
const tapped = part(
  {
    ...tinyBackbone,
    open: () =>
      Promise.resolve({
        features: (image: Tensor) => image.mean([2, 3]),
        taps: (image: Tensor) => new Map([['last', image]]),
        from: (_: string, map: Tensor) => map.mean([2, 3]),
        head: {
          weight: constant({ data: headWeight, shape: [2, 3] }),
          bias: constant({ data: headBias, shape: [2] }),
        },
      }),
  },
  { mean: [0, 0, 0], std: [1, 1, 1], resize: 8, crop: 8 },
) as unknown as Experiment['backbone'];

describe('a section of a part', () => {
  it('is made once for all detectors with the same parts up to it, and shown under all their names', async () => {
    told.look = () => [{ text: 'here' }];
    const data = await run([
      detector('A', maxLogit, [hook(clip)]),
      detector('B', costly, [hook(clip)]),
      detector('C', maxLogit, [hook(clip, 70)]),
      detector('D', maxLogit, [hook(plain), hook(clip)]),
    ]);
    const blocks = [{ text: 'here' }];
    expect(shownIn(data, 'Seen')).toEqual([
      { detectors: ['A', 'B'], blocks },
      { detectors: ['C'], blocks },
      { detectors: ['D'], blocks },
    ]);
    expect(told.pages).toHaveLength(3);
  });

  it('is kept: the same run again makes it not again, but with other images it does', async () => {
    const lines = [{ y: [1], x: [2], name: 'a' }];
    told.look = () => [{ text: String(told.pages.length) }, { mark: { at: 1, name: 'm' }, lines, y: 'y', x: 'x' }];
    const detectors = [detector('A', maxLogit, [hook(clip)])];
    const data = await run(detectors);
    expect(JSON.stringify(await run(detectors))).toBe(JSON.stringify(data));
    expect(told.pages).toHaveLength(1);
    told.ood = told.ood.slice(1);
    await run(detectors);
    expect(told.pages).toHaveLength(2);
  });

  it('sees names, what was learnt, and rows before and behind the hook of every set, also few of them', async () => {
    const found: Record<string, unknown> = {};
    told.look = async (at) => {
      const rowsOf = async (...given: Parameters<typeof at.rows>) => {
        const stream = at.rows(...given)!;
        const values: number[] = [];
        for await (const batch of stream) values.push(...(batch.features as { data: Float32Array }).data);
        return { count: stream.count, values };
      };
      found.names = [at.id, at.ood, at.fit, at.classes, at.seed, [...at.learnt.zero!.data]];
      const before = await rowsOf('outside', ['features']);
      found.before = before;
      found.behind = await rowsOf('outside', ['features'], { behind: true });
      const both = await rowsOf(['outside', ...at.id], ['features']);
      found.both = [both.count, both.values.slice(0, before.values.length), both.values.length];
      found.few = await rowsOf('outside', ['features'], { most: 1 });
      return [];
    };
    await run([detector('A', maxLogit, [hook(clip)])]);
    const all = featuresFrom(4, 4 + told.ood.length);
    const close = (rows: number[][]) => rows.flat().map((value) => expect.closeTo(value, 5) as unknown);
    expect(found).toEqual({
      names: [['inside'], ['outside'], 'inside', 2, 0, [0]],
      before: { count: all.length, values: close(all) },
      behind: { count: all.length, values: close(all.map((h) => h.map((value) => Math.min(value, 0.5)))) },
      both: [all.length + 4, close(all), 3 * (all.length + 4)],
      few: { count: 1, values: close(all.slice(0, 1)) },
    });
    expect(told.warnings).toEqual([]);
  });

  it('finds no rows behind a hook that looks at images, and may compile', async () => {
    const onMap = defineHook({ name: 'on-map', map: () => (map) => map.relu(), sections: [seen] });
    told.look = async (at) => {
      expect(at.rows('inside', ['features'], { behind: true })).toBeUndefined();
      const double = await at.compile({ twice: input('x', [2]).mul(2) });
      const { twice } = await double({ x: { data: Float32Array.of(1, 2), shape: [2] } });
      return [{ text: String(twice!.data) }];
    };
    const data = await run([detector('A', maxLogit, [part(onMap)])], {}, { backbone: tapped });
    expect(shownIn(data, 'Seen').map(({ blocks }) => blocks)).toEqual([[{ text: '2,4' }]]);
    expect(told.warnings).toEqual([]);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('not today')), /^The report lacks the section "Seen" of "A": not today$/],
    [
      'gives markup',
      () => [{ html: '<b>' }] as never,
      /the section "Seen" of "A": it does not return a list of blocks/,
    ],
    [
      'asks for another set',
      (at: FinishedPart) => [{ text: String(at.rows('elsewhere', ['features'])?.count) }],
      /the section "Seen" of "A": it requests the rows of "elsewhere", which is not a set of the run$/,
    ],
  ])('that %s costs a warning and itself', async (_, blocks, warning) => {
    told.look = blocks;
    const data = await run([detector('A', maxLogit, [hook(clip)])]);
    expect(told.warnings).toEqual([expect.stringMatching(warning)]);
    expect(data!.parts.map(({ title }) => title)).toEqual(['Levels']);
    expect(data!.mistakes).toHaveLength(1);
  });

  it('draws its charts with six digits', async () => {
    told.look = () => [{ charts: [{ x: 'x', y: 'y', lines: [{ name: 'a', x: [1 / 3], y: [2e6 / 3] }] }] }];
    const data = await run([detector('A', maxLogit, [hook(clip)])]);
    expect(shownIn(data, 'Seen')[0]!.blocks).toEqual([
      { charts: [{ x: 'x', y: 'y', lines: [{ name: 'a', x: [0.333333], y: [666667] }] }] },
    ]);
  });
});
