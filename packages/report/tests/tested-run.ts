import { averageOfSets, type Interval, type MetricResult, type PairedErrors, type RunResults } from '@farout/core';
import {
  aurocParts,
  differenceVariance,
  logitInterval,
  meanOfParts,
  wilson,
  type AurocParts,
} from '@farout/statistics';
import { auroc, dataset, finishedRun, fpr95 } from './finished-run.ts';

/** A run of made-up scores, whose intervals and errors are those of these scores. */
export interface Plan {
  readonly detectors: readonly string[];
  readonly sets: readonly string[];
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  /** Of each set, the ID set too. */
  readonly images: number;
}

/** Numbers in 0..1 that follow from a seed. */
function* uniform(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ;) {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

const normals = (count: number, seed: number) => {
  const random = uniform(seed);
  const next = () => Math.sqrt(-2 * Math.log(1 - random.next().value)) * Math.cos(2 * Math.PI * random.next().value);
  return Array.from({ length: count }, next);
};

/** What one detector makes of one set. */
interface Scored {
  readonly parts: AurocParts;
  /** Which OOD images lie above the threshold that 95 % of the ID images reach. */
  readonly accepted: readonly boolean[];
}

/** Images have a difficulty that all detectors see, so that their scores go together. */
function score({ detectors, sets, images }: Plan): Scored[][] {
  const ease = [...sets.keys(), sets.length].map((set) => normals(images, 1 + set));
  return detectors.map((_, d) => {
    const scores = ease.map((shared, set) => {
      const own = normals(images, 1000 + d * 100 + set);
      const shift =
        set === sets.length ? 1 + (1.5 * ((d * 7) % detectors.length)) / detectors.length + set / 10 : (set % 5) / 4;
      return Float32Array.from(shared, (value, i) => 0.9 * value + 0.45 * own[i]! + shift);
    });
    const id = scores.at(-1)!;
    const threshold = id.toSorted()[Math.round(0.05 * images)]!;
    return sets.map((__, set) => ({
      parts: aurocParts(id, scores[set]!),
      accepted: Array.from(scores[set]!, (value) => value > threshold),
    }));
  });
}

const share = (accepted: readonly boolean[]) => accepted.filter(Boolean).length / accepted.length;
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The variance of a difference of two shares of the same images, the threshold taken as given. */
function shareVariance(a: readonly boolean[], b: readonly boolean[]): number {
  const apart = a.map((value, i) => Number(value) - Number(b[i]));
  return (mean(apart.map((value) => value ** 2)) - mean(apart) ** 2) / a.length;
}

const pairsOf = <T>(rows: readonly T[], error: (a: T, b: T) => number) =>
  rows.flatMap((a, at) => rows.slice(at + 1).map((b) => error(a, b)));

/** A finished run with intervals and errors of all differences. */
export function testedRun(plan: Plan, changes: Partial<RunResults> = {}): RunResults {
  const { detectors, sets, groups = {}, images } = plan;
  const scored = score(plan);
  const means = { ...groups, [averageOfSets]: sets };
  const columns = [...sets.map((set) => [set, [set]] as const), ...Object.entries(means)];
  const results: MetricResult[] = [];
  const paired: PairedErrors[] = [];
  for (const [ood, members] of columns) {
    const at = members.map((set) => sets.indexOf(set));
    const parts = scored.map((row) => meanOfParts(at.map((set) => row[set]!.parts)));
    const accepted = scored.map((row) => at.map((set) => row[set]!.accepted));
    for (const [d, detector] of detectors.entries()) {
      const { value } = parts[d]!;
      const nothing = { value: 0, id: parts[d]!.id.map(() => 0), ood: parts[d]!.ood.map((each) => each.map(() => 0)) };
      const bounds = logitInterval(value, Math.sqrt(differenceVariance(parts[d]!, nothing)));
      const interval: Interval = { ...bounds, method: 'delong' };
      results.push({ detector, ood, metric: 'auroc', value, interval });
      const rate = mean(accepted[d]!.map(share));
      const of = wilson(Math.round(rate * images * at.length), images * at.length);
      results.push({ detector, ood, metric: 'fpr95', value: rate, interval: { ...of, method: 'bootstrap' } });
    }
    const rates = pairsOf(accepted, (a, b) =>
      Math.sqrt(mean(a.map((each, set) => shareVariance(each, b[set]!))) / at.length),
    );
    paired.push({ metric: 'fpr95', ood, method: 'bootstrap', detectors, standardErrors: rates });
    const errors = pairsOf(parts, (a, b) => Math.sqrt(differenceVariance(a, b)));
    paired.push({ metric: 'auroc', ood, method: 'delong', detectors, standardErrors: errors });
  }
  const all = Object.fromEntries(
    ['photographs', ...sets].map((name, i) => [name, dataset(i === 0 ? 'id' : 'ood', images)]),
  );
  // In the order of runs: detector by detector.
  const ordered = detectors.flatMap((name) => results.filter(({ detector }) => detector === name));
  const shown = { metrics: [fpr95, auroc], datasets: all, ...(Object.keys(groups).length > 0 && { groups }) };
  return finishedRun({ name: 'tested', ...shown, results: ordered, paired, thresholds: {}, ...changes });
}
