import type { FailedDetector } from '@farout/core';
import type { ImagePass } from '../extraction/extract.ts';
import type { ListedDataset } from '../extraction/listing.ts';
import type { RowSet } from '../extraction/row-set.ts';
import type { FittedDetector } from '../fit/fit.ts';
import type { LastStages } from '../fit/lens.ts';
import { failure, refuseMachineFault } from '../plugins/failure.ts';
import { openScoring, scoreDataset, type DatasetScores } from './on-features.ts';
import { scoreImages } from './on-images.ts';
import { planScores, type ScorePlan } from './trace.ts';

/** The scores of every dataset, and the detectors that gave none. */
export interface ScoreResult {
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly failed: readonly FailedDetector[];
}

/** What scoring works on. */
export interface ScoreSources {
  readonly stages: LastStages;
  /** The features of the datasets that are scored. */
  readonly sets: ReadonlyMap<string, RowSet>;
  /** Their images, for detectors that look at them. */
  readonly datasets: ReadonlyMap<string, ListedDataset>;
  readonly pass: Omit<ImagePass, 'graph' | 'detector'>;
}

/** Scores datasets with all detectors: at once in one graph over the stored features, or one by one over the images. */
export async function score(detectors: readonly FittedDetector[], sources: ScoreSources): Promise<ScoreResult> {
  const plan = planScores(detectors, sources.stages);
  const onFeatures = await scoreOnFeatures(detectors, plan, sources);
  const onImages = await scoreOnImages(detectors, plan, sources);
  const scores = [...onFeatures.scores].map(([name, dataset]): [string, DatasetScores] => {
    const more = [...onImages.scores].map(([detector, sets]): [string, Float32Array] => [detector, sets.get(name)!]);
    return [name, { ...dataset, scores: new Map([...dataset.scores, ...more]) }];
  });
  return { scores: new Map(scores), failed: [...plan.failed, ...onFeatures.failed, ...onImages.failed] };
}

async function scoreOnFeatures(
  detectors: readonly FittedDetector[],
  { onFeatures }: ScorePlan,
  { stages, sets, pass: { signal } }: ScoreSources,
): Promise<ScoreResult> {
  const scoring = await openScoring(detectors, onFeatures, stages);
  try {
    const scores = new Map<string, DatasetScores>();
    const working = new Map(scoring.detectors);
    for (const [name, set] of sets) {
      const scored = await scoreDataset(set, scoring.session, working, signal, name);
      scores.set(name, scored);
      for (const [index, detector] of working) if (!scored.scores.has(detector.name)) working.delete(index);
    }
    return { scores, failed: [...scoring.failed, ...[...scores.values()].flatMap(({ failed }) => failed)] };
  } finally {
    await scoring.session.release();
  }
}

async function scoreOnImages(detectors: readonly FittedDetector[], { onImages }: ScorePlan, sources: ScoreSources) {
  const { sets, datasets, pass } = sources;
  const scores = new Map<string, ReadonlyMap<string, Float32Array>>();
  const failed: FailedDetector[] = [];
  for (const [index, tensor] of onImages) {
    const { name } = detectors[index]!;
    try {
      scores.set(name, await scoreImages(name, tensor, sets, datasets, pass));
    } catch (error) {
      pass.signal.throwIfAborted();
      refuseMachineFault(error);
      failed.push(failure(name, error));
    }
  }
  return { scores, failed };
}
