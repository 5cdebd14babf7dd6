import { FaroutError, type FailedDetector } from '@farout/core';
import type { Reading } from '../extraction/graphs.ts';
import type { ImageSet } from '../extraction/row-set.ts';
import { scoredReadings, type FittedDetector } from '../fit/rows.ts';
import { failure, refuseMachineFault } from '../plugins/failure.ts';
import { notANumber } from './checked.ts';
import { scoreInGraph, type ScoreResult, type ScoringContext } from './in-graph.ts';
import type { DatasetScores } from './on-features.ts';
import { scoreRows } from './on-rows.ts';

/**
 * Scores sets with all detectors, from stored rows: those in tensor algebra together in one graph, those over rows
 * one by one. Scores that depend on the images were computed in a pass over the images, and are only read. Scores
 * already in the store are not computed again.
 */
export async function score(
  detectors: readonly FittedDetector[],
  sets: ReadonlyMap<string, ImageSet>,
  context: ScoringContext,
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

/** A reading that a detector needs but an image lacks, as a sentence. */
function lackOf(detector: FittedDetector, sets: ReadonlyMap<string, ImageSet>): string | undefined {
  for (const { key } of detector.score ? [detector.score] : scoredReadings(detector)) {
    for (const set of sets.values()) {
      const lack = set.lack(key);
      if (lack !== undefined) return `returned no score for ${lack}`;
    }
  }
  return undefined;
}

/** Detectors whose scores are stored readings, or that score rows by their own function. */
async function scoreAlone(
  detectors: readonly FittedDetector[],
  sets: ReadonlyMap<string, ImageSet>,
  context: ScoringContext,
) {
  const scores = new Map<string, ReadonlyMap<string, Float32Array>>();
  const failed: FailedDetector[] = [];
  for (const detector of detectors) {
    const { name, score: whole, scorer } = detector;
    if (!whole && 'score' in scorer.definition) continue;
    try {
      scores.set(name, whole ? await readScores(whole, sets) : await keptRows(detector, sets, context));
    } catch (error) {
      context.signal.throwIfAborted();
      refuseMachineFault(error);
      failed.push(failure(name, error));
    }
  }
  return { scores, failed };
}

/** The scores of a row scorer. It only processes the sets whose scores are not in the store. */
async function keptRows(
  detector: FittedDetector,
  sets: ReadonlyMap<string, ImageSet>,
  context: ScoringContext,
): Promise<Map<string, Float32Array>> {
  const { kept } = context;
  const key = detector.rowsKey!;
  const scores = await kept.findAll(key, sets);
  const lacking = new Map([...sets].filter(([name]) => !scores.has(name)));
  if (lacking.size === 0) return scores;
  for (const [name, found] of await scoreRows(detector, lacking, context)) {
    await kept.add(key, sets.get(name)!, found);
    scores.set(name, found);
  }
  return scores;
}

/** The scores computed in a pass over the images. */
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
