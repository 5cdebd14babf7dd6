import {
  averageOfSets,
  type ImageDraws,
  type Interval,
  type MetricResult,
  type PairedErrors,
  type SetGroups,
} from '@farout/core';
import type { MeasuredMetric } from '../experiment.ts';
import type { DatasetScores } from '../score/on-features.ts';
import { bootstrapSpread } from './bootstrap.ts';
import { delongSpread } from './delong.ts';
import { drawAll, type DrawableMetric, type DrawOptions } from './draw-threads.ts';
import type { DrawnSets } from './rankings.ts';
import { drawnSet, rankingOf, shared } from './rankings.ts';

/** What is compared. */
export interface Compared {
  /** The detectors that scored all sets, in the order of the tables. */
  readonly detectors: readonly string[];
  readonly id: DatasetScores;
  readonly ood: ReadonlyMap<string, DatasetScores>;
  readonly groups: SetGroups;
  readonly metrics: readonly MeasuredMetric[];
  readonly results: readonly MetricResult[];
  readonly seed: number;
  /** URLs of the modules that provide metrics, by metric name, for those that other threads can import. */
  readonly modules?: ReadonlyMap<string, string> | undefined;
}

/** What is known about the variation of the numbers with the images. */
export interface Spread {
  /** The results, with their intervals. */
  readonly results: readonly MetricResult[];
  readonly paired: readonly PairedErrors[];
  readonly draws: ImageDraws;
}

/** How a metric varies with the images; detectors are given by index. */
export interface MetricSpread {
  readonly method: PairedErrors['method'];
  /** The interval of a value; undefined if the images do not determine it. */
  readonly interval: (detector: number, column: Column, value: number) => Interval | undefined;
  /** The standard error of the difference between two detectors; NaN if the images do not determine it. */
  readonly error: (a: number, b: number, column: Column) => number;
}

/** A set, or the mean over some sets, by index. */
export interface Column {
  readonly name: string;
  readonly sets: readonly number[];
}

/** Number of draws for fast metrics, and for others. */
const [manyDraws, fewDraws] = [2000, 1000];

/** Computes the intervals of results, and the standard errors of the differences between detectors. */
export async function spreadOf(compared: Compared, options: DrawOptions): Promise<Spread> {
  const { detectors, id, ood, metrics, seed } = compared;
  const sets = drawnSets(compared);
  const drawn = metrics.filter(({ interval }) => interval === undefined).map((each) => drawable(each, sets, compared));
  await drawAll(sets, drawn, options);
  const spreads = metrics.map((metric): readonly [string, MetricSpread] => {
    const numbers = drawn.find(({ name }) => name === metric.name);
    const spread = numbers
      ? bootstrapSpread(metric, numbers, sets)
      : delongSpread(detectors, id, [...ood.values()], sets);
    return [metric.name, spread];
  });
  const columns = columnsOf(compared);
  return {
    results: withIntervals(compared, new Map(spreads), columns),
    paired: spreads.flatMap(([metric, spread]) =>
      columns.flatMap((column) => pairedErrors(metric, spread, column, compared) ?? []),
    ),
    draws: { seed, count: Object.fromEntries(drawn.map(({ name, draws }) => [name, draws])) },
  };
}

/** The sets to draw from. */
export function drawnSets({ detectors, id, ood, seed }: Compared): DrawnSets {
  const all = [...ood].map(([name, { images, scores }]) => ({ scores, drawn: drawnSet(`ood ${name}`, images) }));
  let offset = 0;
  const offsets = all.map(({ drawn }) => (offset += drawn.images) - drawn.images);
  return {
    seed,
    id: drawnSet('id', id.images),
    ood: all.map(({ drawn }) => drawn),
    rankings: detectors.map((detector) =>
      all.map(({ scores }, set) => rankingOf(id.scores.get(detector)!, scores.get(detector)!, offsets[set]!)),
    ),
  };
}

function drawable(
  { name, value, fast, ratio }: MeasuredMetric,
  { rankings, ood }: DrawnSets,
  { modules }: Compared,
): DrawableMetric {
  const [draws, module] = [fast ? manyDraws : fewDraws, modules?.get(ratio?.of ?? name)];
  const numbers = shared(Float64Array, rankings.length * ood.length * draws);
  return { name, value, draws, numbers, ...(module !== undefined && { module }), ...(ratio && { ratio }) };
}

/** The sets, then the groups, then the average over all, as in results. */
function columnsOf({ ood, groups }: Compared): Column[] {
  const names = [...ood.keys()];
  const means = [...Object.entries(groups), [averageOfSets, names] as const];
  return [
    ...names.map((name, set) => ({ name, sets: [set] })),
    ...means.map(([name, sets]) => ({ name, sets: sets.map((set) => names.indexOf(set)) })),
  ];
}

function withIntervals(
  { detectors, results }: Compared,
  spreads: ReadonlyMap<string, MetricSpread>,
  columns: readonly Column[],
): MetricResult[] {
  return results.map((result) => {
    const column = columns.find(({ name }) => name === result.ood)!;
    const interval = spreads.get(result.metric)!.interval(detectors.indexOf(result.detector), column, result.value);
    return interval ? { ...result, interval } : result;
  });
}

/** For the detectors that the metric could measure. Undefined if there is no pair, or the images do not determine the errors. */
function pairedErrors(
  metric: string,
  { method, error }: MetricSpread,
  column: Column,
  { detectors, results }: Compared,
): PairedErrors | undefined {
  const measured = new Set(
    results.filter((each) => each.metric === metric && each.ood === column.name).map(({ detector }) => detector),
  );
  const numbers = [...detectors.keys()].filter((index) => measured.has(detectors[index]!));
  const standardErrors = numbers.flatMap((a, at) => numbers.slice(at + 1).map((b) => rounded(error(a, b, column))));
  if (standardErrors.length === 0 || standardErrors.some(Number.isNaN)) return undefined;
  return { metric, ood: column.name, method, detectors: numbers.map((index) => detectors[index]!), standardErrors };
}

/** Six digits: the draws determine only two or three of them, and there are many pairs. */
const rounded = (error: number) => Number(error.toPrecision(6));
