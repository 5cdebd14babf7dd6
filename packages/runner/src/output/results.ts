import {
  resultsSchemaVersion,
  type DatasetSummary,
  type Device,
  type FailedDetector,
  type MetricResult,
  type RunResults,
} from '@farout/core';
import { accuracyOf, remarkOnAccuracy } from '../evaluate/accuracy.ts';
import type { Evaluation } from '../evaluate/evaluate.ts';
import type { Experiment, PublishedNumbers } from '../experiment.ts';
import type { FeatureSet } from '../extraction/feature-set.ts';
import type { CommonImages } from '../extraction/overlaps.ts';
import type { DatasetScores } from '../score/score-dataset.ts';
import type { OpenedBackbone } from '../prepare/open-backbone.ts';
import { hashData } from '../store/entries.ts';
import { versions } from '../versions.ts';

/** What the stages of a run came to. */
export interface RunFacts {
  readonly experiment: Experiment;
  readonly device: Device;
  readonly backbone: Pick<OpenedBackbone, 'hash' | 'headHash' | 'classes'>;
  readonly sets: ReadonlyMap<string, FeatureSet>;
  readonly common: CommonImages;
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly evaluation: Evaluation;
  readonly fitted: RunResults['fitted'];
  readonly failed: readonly FailedDetector[];
  /** What was said before the first image was read. */
  readonly notes: readonly string[];
  readonly seconds: RunResults['seconds'];
}

/** The contents of results.json. */
export function collectResults(facts: RunFacts): RunResults {
  const { experiment, evaluation } = facts;
  const accuracy = accuracyOf(facts.scores.get(experiment.id)!);
  const remark = remarkOnAccuracy(accuracy, facts.backbone.classes);
  return {
    schemaVersion: resultsSchemaVersion,
    name: experiment.name,
    experiment: experiment.resolved,
    variables: experiment.variables ?? {},
    versions,
    hashes: {
      experiment: hashData(experiment.resolved),
      backbone: facts.backbone.hash,
      head: facts.backbone.headHash,
    },
    device: facts.device,
    datasets: Object.fromEntries([...facts.sets].map(([name, set]) => [name, summary(experiment, name, set)])),
    overlaps: facts.common.overlaps,
    duplicates: facts.common.duplicates,
    ...accuracy,
    remarks: [...facts.notes, ...(remark === undefined ? [] : [remark])],
    fitted: facts.fitted,
    thresholds: evaluation.thresholds,
    metrics: experiment.metrics.map(({ name, better }) => ({ name, better })),
    results: evaluation.results.map((result) => withPublished(result, experiment.published)),
    constant: evaluation.constant,
    tied: evaluation.tied,
    failed: facts.failed,
    imagesRead: [...facts.sets.values()].reduce((sum, { read }) => sum + read, 0),
    seconds: facts.seconds,
  };
}

function withPublished(result: MetricResult, all: PublishedNumbers): MetricResult {
  const published = own(own(own(all, result.detector), result.ood), result.metric);
  return published === undefined ? result : { ...result, published };
}

const own = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record && Object.hasOwn(record, key) ? record[key] : undefined;

function summary({ id, fit, ood }: Experiment, name: string, set: FeatureSet): DatasetSummary {
  const roles = [
    ...(name === id ? (['id'] as const) : []),
    ...(name === fit ? (['fit'] as const) : []),
    ...(ood.includes(name) ? (['ood'] as const) : []),
  ];
  return { roles, images: set.listed, unreadable: set.unreadable, fingerprint: set.fingerprint };
}
