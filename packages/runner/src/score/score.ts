import { FaroutError, type FailedDetector } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { extract, type ImagePass } from '../extraction/extract.ts';
import { imageGraph } from '../extraction/graphs.ts';
import type { ListedDataset } from '../extraction/look-up.ts';
import type { RowSet } from '../extraction/row-set.ts';
import type { FittedDetector } from '../fit/fit.ts';
import type { LastStages } from '../fit/lens.ts';
import { failure, refuseMachineFault } from '../plugins/failure.ts';
import { hashBytes } from '../store/entries.ts';
import { notANumber, openScoring, scoreDataset, type DatasetScores } from './on-features.ts';
import { planScores, type ScorePlan } from './trace.ts';

/** The scores of every dataset, and the detectors that gave none. */
interface ScoreResult {
  readonly scores: ReadonlyMap<string, DatasetScores>;
  readonly failed: readonly FailedDetector[];
}

/** What scoring works on. */
interface ScoreSources {
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

/**
 * The scores of a detector that looks at the images, for every dataset: one more pass over the images, stored by shard
 * and gone on from like the features.
 *
 * @throws FaroutError OOD_SCORE_INVALID when an image that has features has no score.
 */
async function scoreImages(
  detector: string,
  score: Tensor,
  sets: ReadonlyMap<string, RowSet>,
  datasets: ReadonlyMap<string, ListedDataset>,
  pass: Omit<ImagePass, 'graph' | 'detector'>,
): Promise<Map<string, Float32Array>> {
  const bytes = imageGraph(score.unsqueeze([1]));
  const graph = { bytes, hash: hashBytes(bytes) };
  const named = new Map([...sets.keys()].map((name) => [name, datasets.get(name)!]));
  const scored = await extract(named, { ...pass, graph, detector });
  const scores = new Map<string, Float32Array>();
  for (const [name, set] of scored) scores.set(name, await aligned(set, sets.get(name)!));
  return scores;
}

/** The scores of just the images that have features, in their order. */
async function aligned(scored: RowSet, features: RowSet): Promise<Float32Array> {
  refuseChanged(scored, features);
  const byImage = new Map<string, number>();
  for await (const { images, rows } of scored.rows()) {
    for (const [index, { id }] of images.entries()) {
      byImage.set(id, checkedScore(rows.data[index]!, id));
    }
  }
  return Float32Array.from(features.images, ({ id }) => {
    const score = byImage.get(id);
    if (score !== undefined) return score;
    const reason = scored.unreadable.find(({ image }) => image === id)?.reason ?? 'unknown';
    throw new FaroutError('OOD_SCORE_INVALID', `gave no score for the image "${id}": ${reason}`);
  });
}

/** An image that was another one when its features were made would be compared with itself. */
function refuseChanged(scored: RowSet, features: RowSet): void {
  const contents = new Map(scored.images.map(({ id }, index) => [id, scored.contents[index]]));
  const changed = features.images.find(
    ({ id }, index) => (contents.get(id) ?? features.contents[index]) !== features.contents[index],
  );
  if (!changed) return;
  throw new FaroutError('OOD_SCORE_INVALID', `the image "${changed.id}" changed while the run went on`, {
    fix: 'Run again: what changed is read again.',
  });
}

function checkedScore(score: number, id: string): number {
  if (!Number.isNaN(score)) return score;
  throw notANumber(id);
}
