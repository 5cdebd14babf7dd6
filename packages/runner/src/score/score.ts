import type { FailedDetector } from '@oodkit/core';
import type { FeatureSet } from '../extraction/feature-set.ts';
import type { FittedDetector } from '../fit/fitted.ts';
import type { LastStages } from '../fit/lens.ts';
import { scoreDataset, type DatasetScores } from './score-dataset.ts';
import { openScoring } from './scoring.ts';

/** The scores of every dataset, and the detectors that gave none. */
export interface ScoreResult {
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly failed: readonly FailedDetector[];
}

/** Scores datasets with all detectors at once: one graph over the stored features. */
export async function score(
  detectors: readonly FittedDetector[],
  stages: LastStages,
  sets: ReadonlyMap<string, FeatureSet>,
  signal: AbortSignal,
): Promise<ScoreResult> {
  const scoring = await openScoring(detectors, stages);
  try {
    const scores = new Map<string, DatasetScores>();
    const working = new Map(scoring.detectors);
    for (const [name, set] of sets) {
      const scored = await scoreDataset(set, scoring.session, working, signal);
      scores.set(name, scored);
      for (const [index, detector] of working) if (!scored.scores.has(detector.name)) working.delete(index);
    }
    return { scores, failed: [...scoring.failed, ...[...scores.values()].flatMap(({ failed }) => failed)] };
  } finally {
    await scoring.session.release();
  }
}
