import {
  Histogram,
  type FinishedDetector,
  type FinishedPart,
  type Measured,
  type MetricTraits,
  type ReportBlock,
  type ReportChart,
  type RowStream,
} from '@farout/core';
import { pooledMoments, UnitStatistics, type UnitMoments } from './unit-statistics.ts';

/** ReAct's parameters, as the report sections read them. */
interface ReactParams {
  readonly c?: number | undefined;
  readonly percentile?: number | undefined;
  readonly at: 'features' | 'map';
}

const bins = 80;
/** The histogram ends this many standard deviations above the mean of all ID activations; a few units reach far beyond. */
const deviations = 6;
/** As many points as a narrow chart can show. */
const mostPoints = 128;

/** The effect of the hook on the penultimate activations of all sets: per unit, before and after, and pooled. */
export const activationSection = {
  of: 'part',
  title: 'Penultimate activations',
  blocks: async (params: ReactParams, at: FinishedPart): Promise<ReportBlock[]> => {
    const sets = [at.id, ...at.ood];
    const rows = (behind: boolean) => sets.map((set) => at.rows(set, ['features'], { behind }));
    const [before, after] = [rows(false), rows(true)];
    // With `at: map`, the hook's output is not a function of the features.
    if (params.at === 'map' || !areThere(before) || !areThere(after)) return [];
    const [unitsBefore, unitsAfter] = [await statisticsOf(before), await statisticsOf(after)];
    const units = unitsByMean(unitsBefore.map(momentsOf), unitsAfter.map(momentsOf));
    const pooled = await pooledHistograms(before, unitsBefore[0]!);
    const c = params.c ?? Number(at.learnt.c!.data[0]);
    const charts = at.ood.flatMap((ood, index) => chartsOf(ood, index + 1, { id: at.id.join(', '), c, units, pooled }));
    return [{ charts }, { note: noteOn(units, at.id.join(', ')) }];
  },
} as const;

type Streams = readonly RowStream<'features'>[];

const areThere = (rows: readonly (RowStream<'features'> | undefined)[]): rows is Streams =>
  rows.every((stream) => stream !== undefined);

async function statisticsOf(streams: Streams): Promise<UnitStatistics[]> {
  const all: UnitStatistics[] = [];
  for (const stream of streams) {
    const statistics = new UnitStatistics();
    for await (const { features } of stream) statistics.add(features);
    all.push(statistics);
  }
  return all;
}

const momentsOf = (statistics: UnitStatistics) => statistics.moments();

/** From the lowest ID activation to a few standard deviations above their mean. */
async function pooledHistograms(streams: Streams, id: UnitStatistics): Promise<Histogram[]> {
  const { mean, deviation } = pooledMoments(id.moments());
  const all: Histogram[] = [];
  for (const stream of streams) {
    const histogram = new Histogram(id.low, Math.min(id.high, mean + deviations * deviation), bins);
    for await (const { features } of stream) histogram.add(features.data);
    all.push(histogram);
  }
  return all;
}

/** The data of an OOD set's three charts; sets are in the order of the run, the ID set first. */
interface Drawn {
  readonly id: string;
  readonly c: number;
  readonly units: UnitsByMean;
  readonly pooled: readonly Histogram[];
}

function chartsOf(ood: string, index: number, { id, c, units, pooled }: Drawn): ReportChart[] {
  const pair = <T>(of: readonly T[]) => [
    { name: `ID: ${id}`, as: 'id' as const, ...of[0]! },
    { name: 'OOD', as: 'ood' as const, ...of[index]! },
  ];
  const unitChart = (when: string, bands: readonly Band[]): ReportChart => ({
    caption: `${ood}, ${when}`,
    x: 'unit, ordered by its mean on ID',
    y: 'activation',
    bands: pair(bands),
    range: [units.low, units.high],
  });
  return [
    unitChart('before', units.before),
    unitChart('after', units.after),
    {
      caption: `${ood}, pooled`,
      x: 'activation',
      y: 'share',
      histograms: pair(pooled.map((histogram) => ({ edges: histogram.edges, shares: histogram.shares() }))),
      mark: { name: `c = ${c.toPrecision(4)}, the rectification threshold`, at: c },
      logarithmic: true,
    },
  ];
}

const noteOn = ({ width, perPoint }: UnitsByMean, id: string) =>
  `Lines are means over the images of a set; bands show one standard deviation to either side. The ${width} units are ordered by ` +
  `their mean on ${id}${perPoint > 1 ? `; each point stands for ${perPoint} neighbours` : ''}. The pooled chart has all activations of a ` +
  'set before the hooks, over images and units; values beyond the end of the axis are counted in the last bin. Shares are on a ' +
  'logarithmic scale.';

/** Means of units, or of several neighbouring units, in order, with one standard deviation to either side. */
interface Band {
  readonly x: number[];
  readonly y: number[];
  readonly low: number[];
  readonly high: number[];
}

/** Units, ordered by their mean on the first set, the ID set, before the hooks. */
interface UnitsByMean {
  readonly before: readonly Band[];
  readonly after: readonly Band[];
  /** The lowest and the highest end of any band, before or after, so that both charts share one scale. */
  readonly low: number;
  readonly high: number;
  /** The number of units, and the number of units per point: a point has their mean and the mean of their variances. */
  readonly width: number;
  readonly perPoint: number;
}

/** Orders units and merges neighbours until few enough points remain. */
export function unitsByMean(before: readonly UnitMoments[], after: readonly UnitMoments[]): UnitsByMean {
  const id = before[0]!.mean;
  const order = Array.from(id.keys()).sort((a, b) => id[a]! - id[b]! || a - b);
  const perPoint = Math.ceil(order.length / mostPoints);
  const bandsOf = (sets: readonly UnitMoments[]) => sets.map((set) => bandOf(set, order, perPoint));
  const [bandsBefore, bandsAfter] = [bandsOf(before), bandsOf(after)];
  const all = [...bandsBefore, ...bandsAfter];
  return {
    before: bandsBefore,
    after: bandsAfter,
    low: Math.min(...all.flatMap(({ low }) => low)),
    high: Math.max(...all.flatMap(({ high }) => high)),
    width: order.length,
    perPoint,
  };
}

function bandOf({ mean, deviation }: UnitMoments, order: readonly number[], perPoint: number): Band {
  const band: Band = { x: [], y: [], low: [], high: [] };
  for (let start = 0; start < order.length; start += perPoint) {
    const units = order.slice(start, start + perPoint);
    const average = (value: (unit: number) => number) =>
      units.reduce((sum, unit) => sum + value(unit), 0) / units.length;
    const centre = average((unit) => mean[unit]!);
    const spread = Math.sqrt(average((unit) => deviation[unit]! ** 2));
    band.x.push(start + (units.length + 1) / 2);
    band.y.push(centre);
    band.low.push(centre - spread);
    band.high.push(centre + spread);
  }
  return band;
}

const percentiles = [...Array.from({ length: 19 }, (_, step) => 5 * (step + 1)), 97.5, 99, 100];

/** The metrics of the paper, in either definition of FPR95; charts of further metrics would show much the same. */
const drawn = ['fpr95', 'fpr95-ood-positive', 'auroc'];

/** The metrics against the percentile that c is learnt as, with everything else as in the run, and a mark at the run's own percentile. */
export const percentileSection = {
  of: 'detector',
  title: 'The choice of the percentile',
  blocks: async (params: ReactParams, at: FinishedDetector): Promise<ReportBlock[]> => {
    const metrics = at.metrics.filter(({ name }) => drawn.includes(name));
    if (!at.with || at.fit === undefined || metrics.length === 0) return [];
    const found = new Map<number, Measured>();
    for (const percentile of percentiles) {
      const measured = await at.with({ ...params, c: undefined, percentile });
      if (measured) found.set(percentile, measured);
    }
    if (found.size === 0) return [];
    const chosen = await percentileOf(params, at);
    const charts = metrics.map((metric) => chartOf(metric, found, at.ood, chosen));
    return [{ charts }, { note: noteOnChoice(at) }];
  },
} as const;

function chartOf(
  metric: MetricTraits,
  found: ReadonlyMap<number, Measured>,
  ood: readonly string[],
  chosen: number | undefined,
): ReportChart {
  const { name, title = name, convention, better } = metric;
  const caption = [title, convention].filter((each) => each !== undefined).join(', ');
  const lines = ood.map((set) => ({
    name: set,
    x: [...found.keys()],
    y: [...found.values()].map((measured) => 100 * measured[set]![name]!),
  }));
  return {
    caption: `${caption} ${better === 'lower' ? '↓' : '↑'}`,
    x: 'percentile',
    y: `${title}, %`,
    lines,
    ...(chosen !== undefined && { mark: { name: 'this run', at: chosen } }),
  };
}

const noteOnChoice = ({ imagesPerSet }: FinishedDetector) =>
  imagesPerSet === undefined
    ? 'Everything else as in the run.'
    : `Everything else as in the run. Computed from at most ${imagesPerSet} images of each set.`;

/** The position of these parameters on the axis: the percentile, or the percentage of activations that a given c leaves unchanged, to a tenth. */
async function percentileOf({ c, percentile = 90 }: ReactParams, at: FinishedDetector): Promise<number | undefined> {
  if (c === undefined) return percentile;
  const most = at.imagesPerSet;
  const rows =
    at.fit === undefined ? undefined : at.rows(at.fit, ['features'], { ...(most !== undefined && { most }) });
  if (!rows) return undefined;
  let [below, all] = [0, 0];
  for await (const { features } of rows) {
    for (const activation of features.data) if (activation <= c) below++;
    all += features.data.length;
  }
  return Number(((100 * below) / all).toFixed(1));
}
