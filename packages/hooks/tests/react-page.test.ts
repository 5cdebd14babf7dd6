import { describe, expect, it } from '@jest/globals';
import type { FinishedDetector, FinishedPart, ReportChart, RowStream } from '@farout/core';
import { activationSection, percentileSection, unitsByMean } from '../src/react-page.ts';

const rows = {
  val: [
    [0.5, 2, 1],
    [1.5, 4, 0],
  ],
  sun: [[1, 3, 9]],
};

/** Two rows of a block or fewer: the page must not care. */
const stream = (all: number[][], cut = (h: number) => h): RowStream => ({
  count: all.length,
  async *[Symbol.asyncIterator]() {
    for (const row of all) {
      const features = { data: Float32Array.from(row, cut), shape: [1, row.length] as const };
      yield await Promise.resolve({ features } as never);
    }
  },
});

const seen = (c: number): FinishedPart =>
  ({
    id: ['val'],
    ood: ['sun'],
    fit: 'val',
    learnt: { c: { data: Float64Array.of(c), shape: [] } },
    rows: (set: keyof typeof rows, _: unknown, { behind = false } = {}) =>
      stream(rows[set], behind ? (h) => Math.min(h, c) : undefined),
  }) as unknown as FinishedPart;

const params = { at: 'features' } as const;

describe('the activations', () => {
  it('are drawn before and after the hook and pooled, for each OOD set beside the ID set, with c', async () => {
    const [block, note] = await activationSection.blocks(params, seen(2));
    const [before, after, pooled] = (block as { charts: ReportChart[] }).charts as [
      ReportChart,
      ReportChart,
      ReportChart,
    ];
    expect([before, after, pooled].map(({ caption }) => caption)).toEqual(['sun, before', 'sun, after', 'sun, pooled']);
    // Means on val are 1, 3 and 0.5, deviations 0.5, 1 and 0.5: the third unit is the first.
    const names = [
      { name: 'ID: val', as: 'id' },
      { name: 'OOD', as: 'ood' },
    ];
    const x = [1, 2, 3];
    expect(before.bands).toEqual([
      { ...names[0], x, y: [0.5, 1, 3], low: [0, 0.5, 2], high: [1, 1.5, 4] },
      { ...names[1], x, y: [9, 1, 3], low: [9, 1, 3], high: [9, 1, 3] },
    ]);
    expect(after.bands).toEqual([
      { ...names[0], x, y: [0.5, 1, 2], low: [0, 0.5, 2], high: [1, 1.5, 2] },
      { ...names[1], x, y: [2, 1, 2], low: [2, 1, 2], high: [2, 1, 2] },
    ]);
    expect([before.range, after.range]).toEqual([
      [0, 9],
      [0, 9],
    ]);
    expect(pooled.mark).toEqual({ name: 'c = 2.000, the rectification threshold', at: 2 });
    const [inside, outside] = pooled.histograms!;
    // Eighty bins from 0 to 4, the range of val: 9 counts in the last one.
    expect(inside!.edges).toEqual(Array.from({ length: 81 }, (_, i) => expect.closeTo(i / 20, 12) as unknown));
    const filled = (shares: readonly number[]) => shares.flatMap((share, bin) => (share > 0 ? [[bin, share]] : []));
    expect(filled(inside!.shares)).toEqual([0, 10, 20, 30, 40, 79].map((bin) => [bin, expect.closeTo(1 / 6, 12)]));
    expect(filled(outside!.shares)).toEqual([20, 60, 79].map((bin) => [bin, expect.closeTo(1 / 3, 12)]));
    expect(note).toEqual({
      note: expect.stringContaining('The 3 units are ordered by their mean on val.') as unknown,
    });
  });

  it('are those that a c that is given cuts off', async () => {
    const given = { ...seen(2), learnt: {} };
    const [block] = await activationSection.blocks({ ...params, c: 2 }, given);
    expect((block as { charts: ReportChart[] }).charts[2]!.mark!.at).toBe(2);
  });

  it('are left out where they are cut off on the map, or not stored', async () => {
    expect(await activationSection.blocks({ at: 'map' }, seen(2))).toEqual([]);
    expect(await activationSection.blocks(params, { ...seen(2), rows: () => undefined })).toEqual([]);
  });
});

const moments = (mean: number[], deviation = mean.map(() => 0)) => ({
  mean: Float64Array.from(mean),
  deviation: Float64Array.from(deviation),
});

it('joins neighbours where there are more units than points: the mean of means, the root of the mean variance', () => {
  const means = Array.from({ length: 300 }, (_, i) => i);
  const { before, perPoint } = unitsByMean([moments(means, means)], []);
  expect(perPoint).toBe(3);
  expect(before[0]!.y).toHaveLength(100);
  const spread = Math.sqrt((3 ** 2 + 4 ** 2 + 5 ** 2) / 3);
  const { x, y, low, high } = before[0]!;
  expect([x[1], y[1], low[1], high[1]]).toEqual([5, 4, 4 - spread, 4 + spread]);
});

describe('the choice of the percentile', () => {
  const metrics = [
    { name: 'fpr95', title: 'FPR95', convention: 'ID positive', better: 'lower' },
    { name: 'aupr-in', title: 'AUPR-in', better: 'higher' },
    { name: 'auroc', title: 'AUROC', better: 'higher' },
  ] as const;
  const asked: unknown[] = [];
  const detector = (more: Partial<FinishedDetector> = {}): FinishedDetector => ({
    ...seen(2),
    detector: 'ReAct',
    metrics,
    with: (given) => {
      asked.push(given);
      const p = Number(given.percentile);
      return Promise.resolve(p > 90 ? undefined : { sun: { fpr95: p / 100, auroc: 0.5, 'aupr-in': 0 } });
    },
    ...more,
  });

  it('is drawn for the metrics of the paper, a line for each OOD set, as far as there was time', async () => {
    const [block, note] = await percentileSection.blocks({ ...params, percentile: 85 }, detector());
    const { charts } = block as { charts: ReportChart[] };
    const x = Array.from({ length: 18 }, (_, i) => 5 * (i + 1));
    expect(charts).toEqual([
      {
        caption: 'FPR95, ID positive ↓',
        x: 'percentile',
        y: 'FPR95, %',
        lines: [{ name: 'sun', x, y: x.map((p) => expect.closeTo(p, 9) as unknown) }],
        mark: { name: 'this run', at: 85 },
      },
      {
        caption: 'AUROC ↑',
        x: 'percentile',
        y: 'AUROC, %',
        lines: [{ name: 'sun', x, y: x.map(() => 50) }],
        mark: { name: 'this run', at: 85 },
      },
    ]);
    expect(note).toEqual({ note: 'Everything else as in the run.' });
    expect(asked.at(-1)).toEqual({ at: 'features', c: undefined, percentile: 100 });
  });

  it.each([
    ['the 90th where neither it nor c is given', {}, 90],
    ['the share of activations that a given c leaves', { c: 1.5 }, 66.7],
  ])('says where the run stands: %s', async (_, given, at) => {
    const [block] = await percentileSection.blocks({ ...params, ...given }, detector());
    expect((block as { charts: ReportChart[] }).charts[0]!.mark).toEqual({ name: 'this run', at });
  });

  it('says how many images it was computed from', async () => {
    const [, note] = await percentileSection.blocks(params, detector({ imagesPerSet: 2000 }));
    expect(note).toEqual({ note: 'Everything else as in the run. Computed from at most 2000 images of each set.' });
  });

  it('is left out where the detector cannot be varied, nothing was computed, or none of the metrics is measured', async () => {
    const fixed = detector();
    Reflect.deleteProperty(fixed, 'with');
    expect(await percentileSection.blocks(params, fixed)).toEqual([]);
    expect(await percentileSection.blocks(params, detector({ with: () => Promise.resolve(undefined) }))).toEqual([]);
    expect(await percentileSection.blocks(params, detector({ metrics: [metrics[1]] }))).toEqual([]);
  });
});
