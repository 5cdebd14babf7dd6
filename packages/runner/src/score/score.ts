import { FaroutError, type FailedDetector } from '@farout/core';
import type { Reading } from '../extraction/graphs.ts';
import type { ImageSet } from '../extraction/row-set.ts';
import { scoredReadings, type FittedDetector } from '../fit/rows.ts';
import { failure, refuseMachineFault } from '../plugins/failure.ts';
import { notANumber } from './checked.ts';
import { planScores, Scoring, scoreDataset, type DatasetScores } from './on-features.ts';
import { scoreRows, type RowScoringContext } from './on-rows.ts';

/** The scores of every dataset, and the detectors that gave none. */
interface ScoreResult {
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly failed: readonly FailedDetector[];
}

/**
 * Scores sets with all detectors, from stored rows: those in tensor algebra at once in one graph, those over rows one by one. Scores of
 * those that look at images are read.
 */
export async function score(
  detectors: readonly FittedDetector[],
  sets: ReadonlyMap<string, ImageSet>,
  context: RowScoringContext,
): Promise<ScoreResult> {
  const failed: FailedDetector[] = [];
  const ready = detectors.filter((detector) => {
    const lack = lackOf(detector, sets);
    if (lack !== undefined) failed.push(failure(detector.name, new FaroutError('OOD_SCORE_INVALID', lack)));
    return lack === undefined;
  });
  const inGraph = await scoreInGraph(ready, sets, context);
  const alone = await scoreAlone(ready, sets, context);
  const scores = [...inGraph.scores].map(([name, dataset]): [string, DatasetScores] => {
    const more = [...alone.scores].map(([detector, found]): [string, Float32Array] => [detector, found.get(name)!]);
    return [name, { ...dataset, scores: new Map([...dataset.scores, ...more]) }];
  });
  return { scores: new Map(scores), failed: [...failed, ...inGraph.failed, ...alone.failed] };
}

/** What a detector reads that an image does not have, as a sentence. */
function lackOf(detector: FittedDetector, sets: ReadonlyMap<string, ImageSet>): string | undefined {
  for (const { key } of detector.score ? [detector.score] : scoredReadings(detector)) {
    for (const set of sets.values()) {
      const lack = set.lack(key);
      if (lack !== undefined) return `gave no score for ${lack}`;
    }
  }
  return undefined;
}

async function scoreInGraph(
  detectors: readonly FittedDetector[],
  sets: ReadonlyMap<string, ImageSet>,
  { network, signal }: RowScoringContext,
): Promise<ScoreResult> {
  const plan = planScores(detectors, network);
  const scoring = await Scoring.open(plan, network);
  try {
    const scores = new Map<string, DatasetScores>();
    for (const [name, set] of sets) scores.set(name, await scoreDataset(set, scoring, signal, name));
    return { scores, failed: [...plan.failed, ...scoring.failed] };
  } finally {
    await scoring.release();
  }
}

/** Detectors whose scores are read, or that score rows by a function of their own. */
async function scoreAlone(
  detectors: readonly FittedDetector[],
  sets: ReadonlyMap<string, ImageSet>,
  context: RowScoringContext,
) {
  const scores = new Map<string, ReadonlyMap<string, Float32Array>>();
  const failed: FailedDetector[] = [];
  for (const detector of detectors) {
    const { name, score: whole, scorer } = detector;
    if (!whole && 'score' in scorer.definition) continue;
    try {
      scores.set(name, whole ? await readScores(whole, sets) : await scoreRows(detector, sets, context));
    } catch (error) {
      context.signal.throwIfAborted();
      refuseMachineFault(error);
      failed.push(failure(name, error));
    }
  }
  return { scores, failed };
}

/** The scores that a pass over the images has left. */
async function readScores({ key }: Reading, sets: ReadonlyMap<string, ImageSet>): Promise<Map<string, Float32Array>> {
  const scores = new Map<string, Float32Array>();
  for (const [name, set] of sets) {
    const all = new Float32Array(set.images.length);
    let start = 0;
    for await (const { images, readings } of set.rows([key])) {
      const { data } = readings.get(key)!;
      const bad = data.findIndex(Number.isNaN);
      if (bad !== -1) throw notANumber(images[bad]!.id);
      all.set(data, start);
      start += images.length;
    }
    scores.set(name, all);
  }
  return scores;
}
