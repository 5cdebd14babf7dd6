import type { FailedDetector } from '@farout/core';
import type { ImageSet } from '../extraction/row-set.ts';
import type { FittedDetector } from '../fit/rows.ts';
import { hashData } from '../store/entries.ts';
import type { KeptScores } from './kept.ts';
import { hashGraphs, planScores, Scoring, scoreDataset, type DatasetScores, type ScorePlan } from './on-features.ts';
import type { RowScoringContext } from './on-rows.ts';

/** Context for computing scores. */
export interface ScoringContext extends RowScoringContext {
  readonly kept: KeptScores;
  /** A hash of the last layer and of everything besides the image that determines its features. */
  readonly features: string;
}

/** The scores of every dataset, and the detectors that gave none. */
export interface ScoreResult {
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly failed: readonly FailedDetector[];
}

/** The scores of detectors in tensor algebra: a single graph for all those whose scores of some set are not in the store. */
export async function scoreInGraph(
  detectors: readonly FittedDetector[],
  sets: ReadonlyMap<string, ImageSet>,
  context: ScoringContext,
): Promise<ScoreResult> {
  const plan = planScores(detectors, context.network);
  const keys = keysOf(plan, context);
  const predicted = await context.kept.findAll(keys.predicted, sets);
  const known = new Map<FittedDetector, ReadonlyMap<string, Float32Array>>();
  for (const [detector, key] of keys.scores) {
    const found = await context.kept.findAll(key, sets);
    if (found.size === sets.size) known.set(detector, found);
  }
  const lacking = new Map([...plan.onFeatures].filter(([detector]) => !known.has(detector)));
  const isKnown = lacking.size === 0 && predicted.size === sets.size;
  const computed = isKnown
    ? { scores: readPredicted(sets, predicted), failed: [] }
    : await compute(lacking, sets, context, keys);
  const scores = [...computed.scores].map(([name, set]): [string, DatasetScores] => {
    const own = [...known].map(([detector, found]): [string, Float32Array] => [detector.name, found.get(name)!]);
    return [name, { ...set, scores: new Map([...own, ...set.scores]) }];
  });
  return { scores: new Map(scores), failed: [...plan.failed, ...computed.failed] };
}

interface Keys {
  readonly predicted: string;
  readonly scores: ReadonlyMap<FittedDetector, string>;
}

/**
 * What determines scores besides the images: a graph over stored rows, which names the readings it uses; only the
 * features are not named in it.
 */
function keysOf(plan: ScorePlan, { network, features }: ScoringContext): Keys {
  const { predicted, scores } = hashGraphs(plan, network);
  const keyOf = (graph: string) => hashData(['graph', features, graph]);
  return {
    predicted: keyOf(predicted),
    scores: new Map([...scores].map(([detector, graph]) => [detector, keyOf(graph)])),
  };
}

const readPredicted = (
  sets: ReadonlyMap<string, ImageSet>,
  predicted: ReadonlyMap<string, Float32Array>,
): Map<string, DatasetScores> =>
  new Map(
    [...sets].map(([name, { images }]) => [
      name,
      { images, predicted: Int32Array.from(predicted.get(name)!), scores: new Map() },
    ]),
  );

async function compute(
  detectors: ScorePlan['onFeatures'],
  sets: ReadonlyMap<string, ImageSet>,
  { network, signal, kept }: ScoringContext,
  keys: Keys,
): Promise<ScoreResult> {
  const scoring = await Scoring.open({ onFeatures: detectors }, network);
  try {
    const scores = new Map<string, DatasetScores>();
    for (const [name, set] of sets) {
      const found = await scoreDataset(set, scoring, signal, name);
      scores.set(name, found);
      // Classes are below 2²⁴, so float32 represents them exactly.
      await kept.add(keys.predicted, set, Float32Array.from(found.predicted));
      for (const detector of detectors.keys()) {
        const [key, own] = [keys.scores.get(detector), found.scores.get(detector.name)];
        if (key !== undefined && own) await kept.add(key, set, own);
      }
    }
    return { scores, failed: scoring.failed };
  } finally {
    await scoring.release();
  }
}
