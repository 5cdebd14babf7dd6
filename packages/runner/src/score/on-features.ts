import { availableParallelism } from 'node:os';
import { FaroutError, traceHooks, type DatasetImage, type FailedDetector, type SymbolicScorer } from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { openSession, type Session } from '@farout/runtime';
import type { Tensor } from '@farout/tensor';
import { checkFeatures, featuresInput, type Reading } from '../extraction/graphs.ts';
import type { ImageRows } from '../extraction/row-set.ts';
import { tryStored } from '../fit/preparation.ts';
import { feedShard, fedReadings, type FittedDetector, type FittedPart, type LastStages } from '../fit/rows.ts';
import { failure, refuseMachineFault } from '../plugins/failure.ts';
import { checked } from './checked.ts';
import { isSound } from '../fit/sound-score.ts';

/** What detectors are computed from: tensors over stored rows, by the detector; and those that could not be built. */
export interface ScorePlan {
  readonly onFeatures: ReadonlyMap<FittedDetector, Tensor>;
  readonly failed: readonly FailedDetector[];
}

/** Traces every symbolic detector over stored rows; one that fails does not stop the others. */
export function planScores(detectors: readonly FittedDetector[], stages: LastStages): ScorePlan {
  const onFeatures = new Map<FittedDetector, Tensor>();
  const failed: FailedDetector[] = [];
  for (const detector of detectors) {
    if (detector.score || !('score' in detector.scorer.definition)) continue;
    try {
      const score = tryStored(stages, detector.hooks, detector.scorer as FittedPart<SymbolicScorer>);
      if (!score) throw new FaroutError('OOD_DETECTOR_FAILED', 'it reads images, but here are only features');
      onFeatures.set(detector, score);
    } catch (error) {
      failed.push(failure(detector.name, error));
    }
  }
  return { onFeatures, failed };
}

/** The output with each image's class: the largest logit of the network without hooks, −1 where one is NaN, int64 (N). */
const predictedOutput = 'predicted';

/** The class that the network without hooks predicts. */
function tracePredicted({ head, featureWidth }: LastStages): Tensor {
  const { logits } = traceHooks({ features: featuresInput(featureWidth), head }, []);
  return isSound(logits).where(logits.argMax(), -1);
}

/** One graph for all detectors that could be built, and those that could not. */
interface Scoring {
  readonly session: Session;
  /** By the names of the graph's outputs. */
  readonly detectors: ReadonlyMap<string, FittedDetector>;
  /** The readings that it is fed with. */
  readonly readings: readonly Reading[];
  readonly failed: readonly FailedDetector[];
}

/**
 * Compiles all detectors that are scored on stored rows into one graph. When that fails, each is tried alone, so that a
 * detector which onnxruntime refuses does not take the others with it.
 */
export async function openScoring({ onFeatures }: Pick<ScorePlan, 'onFeatures'>, stages: LastStages): Promise<Scoring> {
  const failed: FailedDetector[] = [];
  const usable = new Map(onFeatures);
  const together = () => open(usable, stages);
  const session = await together().catch(async () => {
    for (const [detector, score] of onFeatures) {
      const error = await refusal(new Map([[detector, score]]), stages);
      if (error === undefined) continue;
      usable.delete(detector);
      failed.push(failure(detector.name, error));
    }
    return together();
  });
  const detectors = new Map([...usable.keys()].map((detector, index) => [outputName(index), detector]));
  return { session, detectors, readings: fedReadings(session, readingsOf(usable.keys())), failed };
}

const outputName = (index: number) => `detector${index}.score`;

/** All that lies in the store of what these detectors read. */
const readingsOf = (detectors: Iterable<FittedDetector>): Reading[] => {
  const all = [...detectors].flatMap(({ hooks, scorer }) =>
    [...hooks, scorer].flatMap(({ stored }) => [...stored.values()]),
  );
  return [...new Map(all.map((reading) => [reading.key, reading])).values()];
};

type Scores = ReadonlyMap<FittedDetector, Tensor>;

/** Why a graph cannot be run; undefined when it can. */
async function refusal(scores: Scores, stages: LastStages): Promise<unknown> {
  try {
    await (await open(scores, stages)).release();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Opens a graph and runs it on one row of zeros: some mistakes show only when a graph runs. */
async function open(scores: Scores, stages: LastStages): Promise<Session> {
  const outputs = [...scores.values()].map((score, index) => [outputName(index), score] as const);
  const graph = writeOnnx({ [predictedOutput]: tracePredicted(stages), ...Object.fromEntries(outputs) });
  const session = await openSession(graph, { threads: availableParallelism() });
  await session.run(
    Object.fromEntries(
      Object.entries(session.inputs).map(([name, shape]) => {
        const sizes = shape.map((size) => (typeof size === 'number' ? size : 1));
        return [name, { data: new Float32Array(sizes.reduce((a, b) => a * b, 1)), shape: sizes }];
      }),
    ),
  );
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
 * Runs the graph over the stored rows of a set, a shard at a time. A detector that fails is left out from there on.
 *
 * @throws FaroutError OOD_FEATURES_INVALID when the features of an image hold NaN: no detector could judge it.
 */
export async function scoreDataset(
  set: ImageRows,
  { session, detectors, readings }: Omit<Scoring, 'failed'>,
  signal: AbortSignal,
  name = 'a set',
): Promise<DatasetScores> {
  const count = set.images.length;
  const predicted = new Int32Array(count);
  const scores = new Map([...detectors.values()].map((detector) => [detector.name, new Float32Array(count)]));
  const failed: FailedDetector[] = [];
  let start = 0;
  for await (const shard of set.rows(readings.map(({ key }) => key))) {
    signal.throwIfAborted();
    const { images } = shard;
    checkFeatures(shard.rows, images, name);
    const outputs = await session.run(feedShard(session, shard, readings));
    predicted.set(Int32Array.from(outputs[predictedOutput]!.data as BigInt64Array, Number), start);
    for (const [output, detector] of detectors) {
      const all = scores.get(detector.name);
      if (!all) continue;
      try {
        all.set(checked(outputs[output]!.data, images), start);
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
