import {
  averageOfSets,
  idThreshold95,
  sweep,
  type MetricDefinition,
  type MetricResult,
  type Sweep,
} from '@oodkit/core';
import type { DatasetScores } from '../score/score-dataset.ts';

/** What the scores say: every metric per detector and OOD set with their average, and each detector's threshold. */
export interface Evaluation {
  readonly results: readonly MetricResult[];
  readonly thresholds: Readonly<Record<string, number>>;
  /** Detectors that gave all images the same score. */
  readonly constant: readonly string[];
}

/** Compares the ID set with every OOD set, for the detectors that scored all of them. */
export function evaluate(
  detectors: readonly string[],
  id: DatasetScores,
  ood: ReadonlyMap<string, DatasetScores>,
  metrics: readonly MetricDefinition[],
): Evaluation {
  const results: MetricResult[] = [];
  const thresholds: [string, number][] = [];
  const constant: string[] = [];
  for (const detector of detectors) {
    const sweeps = sweepsOf(detector, id, ood);
    if (!sweeps) continue;
    const [, first] = sweeps[0]!;
    thresholds.push([detector, idThreshold95(first.idScores)]);
    if (isConstant(sweeps)) constant.push(detector);
    for (const metric of metrics) results.push(...measure(detector, metric, sweeps));
  }
  return { results, thresholds: Object.fromEntries(thresholds), constant };
}

/** Every sweep holds the ID scores, so one threshold in each is the same in all. */
const isConstant = (sweeps: readonly NamedSweep[]) => sweeps.every(([, { thresholds }]) => thresholds.length === 1);

type NamedSweep = readonly [ood: string, sweep: Sweep];

function sweepsOf(
  detector: string,
  id: DatasetScores,
  ood: ReadonlyMap<string, DatasetScores>,
): NamedSweep[] | undefined {
  const sweeps: NamedSweep[] = [];
  for (const [name, { scores }] of ood) {
    const [idScores, oodScores] = [id.scores.get(detector), scores.get(detector)];
    if (!idScores || !oodScores) return undefined;
    sweeps.push([name, sweep(idScores, oodScores)]);
  }
  return sweeps;
}

function measure(
  detector: string,
  { name: metric, value }: MetricDefinition,
  sweeps: readonly NamedSweep[],
): MetricResult[] {
  const each = sweeps.map(([ood, swept]) => ({ detector, ood, metric, value: value(swept) }));
  const mean = each.reduce((sum, result) => sum + result.value, 0) / each.length;
  return [...each, { detector, ood: averageOfSets, metric, value: mean }];
}
