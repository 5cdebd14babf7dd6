import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { averageOfSets, curveOf, type Interval, type MetricDefinition } from '@farout/core';
import {
  aurocInterval,
  aurocParts,
  type AurocParts,
  clopperPearson,
  drawCounts,
  meanOfParts,
  newcombe,
} from '@farout/statistics';
import { evaluate } from '../../src/evaluate/evaluate.ts';
import { spreadOf, type Spread } from '../../src/evaluate/intervals.ts';
import type { DatasetScores } from '../../src/score/on-features.ts';
import { drawnMetrics } from '../fixtures/drawn-metrics.ts';

const [accepted, low, area] = drawnMetrics.metrics as [MetricDefinition, MetricDefinition, MetricDefinition];

type Scores = Readonly<Record<string, readonly number[]>>;

/** A set's scores by detector; images of one group share a source. */
function set(scores: Scores, groups: readonly string[] = []): DatasetScores {
  const images = Object.values(scores)[0]!.map((_, image) => {
    const group = groups[image];
    return { id: `${image}`, path: `/${image}`, ...(group !== undefined && { group }) };
  });
  const arrays = Object.entries(scores).map(([name, own]) => [name, Float32Array.from(own)] as const);
  return { images, predicted: new Int32Array(images.length), scores: new Map(arrays) };
}

/** Numbers in 0..1 that have nothing to do with the draws: multiples of the golden section. */
const spread = (count: number, from: number, step = 0.6180339887498949) =>
  Array.from({ length: count }, (_, at) => from + ((at * step) % 1));

interface Case {
  readonly id: DatasetScores;
  readonly ood: Readonly<Record<string, DatasetScores>>;
  readonly metrics?: readonly MetricDefinition[];
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly threads?: number;
  readonly modules?: ReadonlyMap<string, string>;
}

const seed = 5;
const nothing = () => undefined;
const progress = { start: nothing, advance: nothing, stop: nothing };

async function measure({
  id,
  ood,
  metrics = [accepted, low, area],
  groups = {},
  modules,
  threads,
}: Case): Promise<Spread> {
  const sets = new Map(Object.entries(ood));
  const detectors = [...id.scores.keys()];
  const { results } = evaluate(detectors, id, sets, metrics, groups);
  const compared = { detectors, id, ood: sets, groups, metrics, results, seed, modules };
  return spreadOf(compared, {
    progress,
    signal: new AbortController().signal,
    ...(threads !== undefined && { threads }),
  });
}

const intervalOf = ({ results }: Spread, detector: string, ood: string, metric: string): Interval | undefined =>
  results.find((each) => each.detector === detector && each.ood === ood && each.metric === metric)!.interval;

/** A metric on each draw, by writing down each image as often as it is drawn. */
function plainDraws(
  { value }: MetricDefinition,
  detector: string,
  id: DatasetScores,
  ood: DatasetScores,
  name: string,
  draws: number,
) {
  const repeated = (of: DatasetScores, key: string, draw: number) => {
    const counts = new Uint8Array(of.images.length);
    const names = of.images.map(({ group }, image) => group ?? `alone ${image}`);
    const groups = Int32Array.from(names, (group) => [...new Set(names)].indexOf(group));
    drawCounts({ seed, set: key, draw }, counts, groups);
    return Float32Array.from(
      [...of.scores.get(detector)!].flatMap((score, image) => Array<number>(counts[image]!).fill(score)),
    );
  };
  return Array.from({ length: draws }, (_, draw) =>
    value(curveOf(repeated(id, 'id', draw), repeated(ood, `ood ${name}`, draw))),
  );
}

/** The smallest number that no more than the rest exceed. */
const plainQuantile = (numbers: readonly number[], share: number) =>
  Math.min(...numbers.filter((limit) => numbers.filter((number) => number <= limit).length >= share * numbers.length));
const plainInterval = (numbers: readonly number[]) => ({
  low: expect.closeTo(plainQuantile(numbers, 0.025), 12) as unknown,
  high: expect.closeTo(plainQuantile(numbers, 0.975), 12) as unknown,
  method: 'bootstrap',
});
const meanOf = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0) / numbers.length;
function plainDeviation(numbers: readonly number[]): number {
  const mean = meanOf(numbers);
  return Math.sqrt(numbers.reduce((total, number) => total + (number - mean) ** 2, 0) / (numbers.length - 1));
}

const id = set({ A: spread(60, 0.6), B: spread(60, 0.7, 0.37), flat: spread(60, 3, 0) });
const near = set({ A: spread(45, 0.2), B: spread(45, 0, 0.29), flat: spread(45, 3, 0) });
const far = set({ A: spread(30, -0.2), B: spread(30, -0.1, 0.41), flat: spread(30, 3, 0) });

describe('intervals from draws', () => {
  it('are the middle 95 % of what the metric gives for images drawn again, in sets and in averages over them', async () => {
    const found = await measure({ id, ood: { near, far }, groups: { both: ['near', 'far'], one: ['far'] } });
    expect(found.draws).toEqual({ seed, count: { accepted: 2000, low: 1000 } });
    for (const [metric, draws] of [
      [accepted, 2000],
      [low, 1000],
    ] as const) {
      // prettier-ignore
      const [ofNear, ofFar] = [
        plainDraws(metric, 'A', id, near, 'near', draws),
        plainDraws(metric, 'A', id, far, 'far', draws),
      ];
      const both = ofNear.map((number, draw) => (number + ofFar[draw]!) / 2);
      const expected = { near: ofNear, far: ofFar, both, one: ofFar, [averageOfSets]: both };
      for (const [ood, numbers] of Object.entries(expected))
        expect({ ood, ...intervalOf(found, 'A', ood, metric.name) }).toEqual({ ood, ...plainInterval(numbers) });
    }
  });

  it('draw images of one source together', async () => {
    const grouped = set(
      { A: spread(60, 0.6) },
      Array.from({ length: 48 }, (_, image) => `${image % 12}`),
    );
    const found = await measure({ id: grouped, ood: { near }, metrics: [accepted] });
    const numbers = plainDraws(accepted, 'A', grouped, near, 'near', 2000);
    expect(intervalOf(found, 'A', 'near', 'accepted')).toEqual(plainInterval(numbers));
  });

  it('take infinite scores as they come', async () => {
    const infinite = set({ A: [Infinity, Infinity, 3, 2, 1, -Infinity, 0.5, 4] });
    const other = set({ A: [-Infinity, -Infinity, 0.25, 1, Infinity] });
    const found = await measure({ id: infinite, ood: { other }, metrics: [low] });
    expect(intervalOf(found, 'A', 'other', 'low')).toEqual(
      plainInterval(plainDraws(low, 'A', infinite, other, 'other', 1000)),
    );
  });

  it('give way to Clopper and Pearson where a share at a threshold is 0 or 1: an average is of the images of all its sets', async () => {
    const above = set({ A: spread(45, 9), flat: spread(45, 3, 0) });
    const below = set({ A: spread(30, -9), flat: spread(30, 3, 0) });
    const lower = set({ A: spread(40, -9), flat: spread(40, 3, 0) });
    const ofTwo = set({ A: spread(60, 0.6), flat: spread(60, 3, 0) });
    const found = await measure({
      id: ofTwo,
      ood: { above, below, lower },
      metrics: [accepted],
      groups: { two: ['below', 'lower'] },
    });
    const exact = (k: number, n: number) => ({ ...clopperPearson(k, n), method: 'clopper-pearson' });
    expect(intervalOf(found, 'A', 'above', 'accepted')).toEqual(exact(45, 45));
    expect(intervalOf(found, 'A', 'below', 'accepted')).toEqual(exact(0, 30));
    expect(intervalOf(found, 'A', 'two', 'accepted')).toEqual(exact(0, 60));
    expect(intervalOf(found, 'flat', averageOfSets, 'accepted')).toEqual(exact(0, 90));
  });

  it('are absent where all draws say the same, where a set has one image, and where a draw cannot be measured', async () => {
    const one = set({ A: [0.9], flat: [3] });
    const choosy: MetricDefinition = {
      ...{ name: 'choosy', better: 'higher', fast: true },
      value: ({ id: counts }) => {
        if (Math.max(...counts) > 3) throw new Error('no such curve');
        return counts[0]! / 4;
      },
    };
    const found = await measure({
      id,
      ood: { near, one: set({ A: [0.9], B: [0.8], flat: [3] }) },
      metrics: [low, choosy],
    });
    expect(
      found.results.filter(({ interval }) => interval).map(({ detector, ood, metric }) => [detector, ood, metric]),
    ).toEqual([
      ['A', 'near', 'low'],
      ['B', 'near', 'low'],
    ]);
    expect(found.paired.map(({ metric, ood }) => [metric, ood])).toEqual([['low', 'near']]);
    expect((await measure({ id: one, ood: { one }, metrics: [area] })).results[0]!.interval?.method).toBe('newcombe');
  });

  it('are the same to the digit on one, two and three threads', async () => {
    const fixture = path.join(process.env.FAROUT_COMPILED!, 'packages/runner/tests/fixtures/drawn-metrics.js');
    // The second is measured by the main thread alone, as the metric of a plugin whose module is not known.
    const modules = new Map([['accepted', pathToFileURL(fixture).href]]);
    const [first, ...others] = [
      await measure({ id, ood: { near, far }, modules, threads: 1 }),
      await measure({ id, ood: { near, far }, modules, threads: 2 }),
      await measure({ id, ood: { near, far }, modules, threads: 3 }),
    ];
    for (const other of others) expect(other).toEqual(first);
  });
});

describe('intervals of an area under the ROC curve', () => {
  it('are by DeLong, and of the mean of several with what they share, the ID images, counted once', async () => {
    const found = await measure({ id, ood: { near, far }, metrics: [area] });
    const parts = [near, far].map(({ scores }) => aurocParts(id.scores.get('A')!, scores.get('A')!));
    expect(intervalOf(found, 'A', 'near', 'area')).toEqual(aurocInterval(parts[0]!, 60, 45));
    expect(intervalOf(found, 'A', averageOfSets, 'area')).toEqual(
      aurocInterval(meanOfParts(parts), 60, 4 / (1 / 45 + 1 / 30)),
    );
    expect(intervalOf(found, 'A', averageOfSets, 'area')!.method).toBe('delong');
    expect(intervalOf(found, 'flat', 'far', 'area')).toEqual({ ...newcombe(0.5, 60, 30), method: 'newcombe' });
    expect(found.draws.count).toEqual({});
  });
});

describe('standard errors of differences', () => {
  it('are of joint draws, in the order of the pairs; 0 where two rank all images alike', async () => {
    const twice = (of: DatasetScores): DatasetScores => ({
      ...of,
      scores: new Map([...of.scores, ['A twice', of.scores.get('A')!.map((score) => 2 * score)]]),
    });
    const found = await measure({ id: twice(id), ood: { near: twice(near), far: twice(far) }, metrics: [accepted] });
    expect(found.paired.map(({ ood }) => ood)).toEqual(['near', 'far', averageOfSets]);
    const numbers = ['A', 'B', 'flat'].map((detector) => [
      plainDraws(accepted, detector, id, near, 'near', 2000),
      plainDraws(accepted, detector, id, far, 'far', 2000),
    ]);
    const error = (a: number, b: number) =>
      plainDeviation(numbers[a]![0]!.map((_, draw) => {
        const of = (detector: number) => meanOf(numbers[detector]!.map((each) => each[draw]!));
        return of(a) - of(b);
      })); // prettier-ignore
    const { detectors, standardErrors, method } = found.paired[2]!;
    expect([detectors, method]).toEqual([['A', 'B', 'flat', 'A twice'], 'bootstrap']);
    const expected = [error(0, 1), error(0, 2), 0, error(1, 2), error(1, 0), error(2, 0)];
    for (const [pair, each] of expected.entries())
      expect(standardErrors[pair]! / (each || 1)).toBeCloseTo(each ? 1 : 0, 5);
    expect(standardErrors[2]).toBe(0);
  });

  it('of an area under the ROC curve are by DeLong, for the detectors that it could be measured for', async () => {
    const fussy: MetricDefinition = {
      ...area,
      value: (curve) => {
        if (curve.thresholds.length === 1) throw new Error('no spread');
        return area.value(curve);
      },
    };
    const found = await measure({ id, ood: { near }, metrics: [fussy] });
    expect(found.paired.map(({ detectors, method }) => [detectors, method])).toEqual(
      Array(2).fill([['A', 'B'], 'delong']),
    );
    const [a, b] = ['A', 'B'].map((name) => aurocParts(id.scores.get(name)!, near.scores.get(name)!)) as [
      AurocParts,
      AurocParts,
    ];
    let variance = 0;
    for (const [own, others] of [
      [a.id, b.id],
      [a.ood[0]!, b.ood[0]!],
    ] as const)
      // prettier-ignore
      for (const [image, part] of own.entries()) variance += (part - others[image]!) ** 2;
    expect(found.paired[0]!.standardErrors[0]! / Math.sqrt(variance)).toBeCloseTo(1, 5);
  });
});
