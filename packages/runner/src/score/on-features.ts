import { availableParallelism } from 'node:os';
import { FaroutError, type DatasetImage, type FailedDetector } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { openSession, type Arrays, type Session } from '@farout/runtime';
import type { Tensor } from '@farout/tensor';
import { asRows, checkFeatures, feedFeatures, firstNaN } from '../extraction/graphs.ts';
import type { ImageRows } from '../extraction/row-set.ts';
import type { FittedDetector } from '../fit/fit.ts';
import type { LastStages } from '../fit/lens.ts';
import { describeValue, failure, refuseMachineFault, settled } from '../plugins/failure.ts';
import { outputNames, predictedOutput, tracePredicted, type ScorePlan } from './trace.ts';

/** One graph for all detectors that could be built, and those that could not. */
interface Scoring {
  readonly session: Session;
  /** By their index in the graph's output names. */
  readonly detectors: ReadonlyMap<number, FittedDetector>;
  readonly failed: readonly FailedDetector[];
}

type Outputs = Readonly<Record<string, Tensor>>;

/**
 * Compiles all detectors that are scored on features into one graph. When that fails, each is tried alone, so that a
 * detector which onnxruntime refuses does not take the others with it.
 */
export async function openScoring(
  detectors: readonly FittedDetector[],
  onFeatures: ScorePlan['onFeatures'],
  stages: LastStages,
): Promise<Scoring> {
  const failed: FailedDetector[] = [];
  const usable = new Map(onFeatures);
  const predicted = tracePredicted(stages);
  const together = () => open(Object.assign({}, predicted, ...usable.values()) as Outputs, stages);
  const session = await together().catch(async () => {
    for (const [index, outputs] of onFeatures) {
      const error = await refusal(outputs, stages);
      if (error === undefined) continue;
      usable.delete(index);
      failed.push(failure(detectors[index]!.name, error));
    }
    return together();
  });
  return { session, detectors: new Map([...usable.keys()].map((index) => [index, detectors[index]!])), failed };
}

/** Why a graph cannot be run; undefined when it can. */
async function refusal(outputs: Outputs, stages: LastStages): Promise<unknown> {
  try {
    await (await open(outputs, stages)).release();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Opens a graph and runs it on one row of zeros: some mistakes show only when a graph runs. */
async function open(outputs: Outputs, { featureWidth }: LastStages): Promise<Session> {
  const session = await openSession(writeOnnx(outputs), { threads: availableParallelism() });
  await session.run(feedFeatures({ data: new Float32Array(featureWidth), shape: [1, featureWidth] }));
  return session;
}

/** Every score of a dataset. */
export interface DatasetScores {
  readonly images: readonly DatasetImage[];
  /** The class of the largest unhooked logit, per image; −1 where one of them is NaN. */
  readonly predicted: Int32Array;
  /** One score per image, by the name of the detector; failed ones are absent. */
  readonly scores: ReadonlyMap<string, Float32Array>;
  readonly failed: readonly FailedDetector[];
}

/**
 * Runs the graph over the stored features of a set, a shard at a time. A detector that fails is left out from there on.
 *
 * @throws FaroutError OOD_FEATURES_INVALID when the features of an image hold NaN: no detector could judge it.
 */
export async function scoreDataset(
  set: ImageRows,
  session: Session,
  detectors: Scoring['detectors'],
  signal: AbortSignal,
  name = 'a set',
): Promise<DatasetScores> {
  const count = set.images.length;
  const predicted = new Int32Array(count);
  const scores = new Map([...detectors.values()].map(({ name }) => [name, new Float32Array(count)]));
  const failed: FailedDetector[] = [];
  let start = 0;
  for await (const { images, rows: features } of set.rows()) {
    signal.throwIfAborted();
    checkFeatures(features, images, name);
    const outputs = await session.run(feedFeatures(features));
    predicted.set(Int32Array.from(outputs[predictedOutput]!.data as BigInt64Array, Number), start);
    for (const [index, detector] of detectors) {
      const all = scores.get(detector.name);
      if (!all) continue;
      try {
        all.set(checked(await blockScores(index, detector, outputs, images, signal), images), start);
      } catch (error) {
        signal.throwIfAborted();
        refuseMachineFault(error);
        failed.push(failure(detector.name, error));
        scores.delete(detector.name);
      }
    }
    start += images.length;
  }
  return { images: set.images, predicted, scores, failed };
}

async function blockScores(
  index: number,
  { scorer }: FittedDetector,
  outputs: Arrays,
  images: readonly DatasetImage[],
  signal: AbortSignal,
): Promise<Float32Array> {
  const names = outputNames(index);
  const { definition, params, learnt } = scorer;
  if ('score' in definition) return outputs[names.score]!.data as Float32Array;
  const rows = { features: asRows(outputs[names.features]!), logits: asRows(outputs[names.logits]!) };
  for (const each of [rows.features, rows.logits]) {
    const found = firstNaN(each);
    if (found) throw notANumber(images[found.row]!.id);
  }
  return settled(Promise.resolve(definition.scoreRows(rows, params, learnt)), signal);
}

/** @throws FaroutError OOD_SCORE_INVALID for another number of scores than images, or NaN. */
function checked(scores: unknown, images: readonly DatasetImage[]): Float32Array {
  if (!(scores instanceof Float32Array) || scores.length !== images.length) {
    const found = scores instanceof Float32Array ? `${scores.length} scores` : describeValue(scores);
    throw new FaroutError(
      'OOD_SCORE_INVALID',
      `gave ${found} for ${images.length} images, expected a Float32Array of one each`,
    );
  }
  const bad = scores.findIndex(Number.isNaN);
  if (bad === -1) return scores;
  throw notANumber(images[bad]!.id);
}

/** A score that is no number, or one of features or logits that are none. */
export const notANumber = (image: string): FaroutError =>
  new FaroutError('OOD_SCORE_INVALID', `gave NaN for the image "${image}"`, {
    fix: "Look for 0/0, ∞ − ∞ or the logarithm of a negative number in its formula, in its hooks and in the network's logits.",
  });
