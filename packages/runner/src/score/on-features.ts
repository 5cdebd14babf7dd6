import { FaroutError, traceHooks, type DatasetImage, type FailedDetector, type SymbolicScorer } from '@farout/core';
import { writeOnnx, writeOnnxParts } from '@farout/onnx';
import { openSession, type Session } from '@farout/runtime';
import { dtypeOf, type NDArray, type Tensor } from '@farout/tensor';
import { cores } from '../cores.ts';
import { checkFeatures, featuresInput, hashGraph, type Reading } from '../extraction/graphs.ts';
import type { ImageRows, ShardRows } from '../extraction/row-set.ts';
import { tryStored } from '../fit/preparation.ts';
import {
  feedShard,
  fedReadings,
  scoredReadings,
  type FittedDetector,
  type FittedPart,
  type LastStages,
} from '../fit/rows.ts';
import { failure, refuseMachineFault } from '../plugins/failure.ts';
import { checked } from './checked.ts';
import { isSound } from '../fit/sound-score.ts';

/** The scores of detectors as tensors over stored rows, and the detectors that could not be built. */
export interface ScorePlan {
  readonly onFeatures: ReadonlyMap<FittedDetector, Tensor>;
  readonly failed: readonly FailedDetector[];
}

/**
 * Traces every symbolic detector over stored rows. One that fails does not stop the others. Equal arrays that several detectors
 * have learnt, such as the whitening of the same features, become one constant, and what is computed from it is computed once.
 */
export function planScores(detectors: readonly FittedDetector[], stages: LastStages): ScorePlan {
  const onFeatures = new Map<FittedDetector, Tensor>();
  const failed: FailedDetector[] = [];
  const shared = sharingEquals();
  for (const detector of detectors) {
    if (detector.score || !('score' in detector.scorer.definition)) continue;
    const { hooks, scorer } = detector;
    try {
      const score = tryStored(stages, hooks.map(shared), shared(scorer as FittedPart<SymbolicScorer>));
      if (!score) throw new FaroutError('OOD_DETECTOR_FAILED', 'it needs images; only stored features are available');
      onFeatures.set(detector, score);
    } catch (error) {
      failed.push(failure(detector.name, error));
    }
  }
  return { onFeatures, failed };
}

/** Replaces arrays of a part by those of previous parts that hold the same bytes. */
function sharingEquals(): <D>(part: FittedPart<D>) => FittedPart<D> {
  const known = new Map<string, NDArray[]>();
  const shared = (array: NDArray): NDArray => {
    const kind = `${dtypeOf(array.data)} (${array.shape.join()})`;
    const alike = known.get(kind) ?? [];
    known.set(kind, alike);
    const found = alike.find(({ data }) => bytesOf(data).equals(bytesOf(array.data)));
    if (!found) alike.push(array);
    return found ?? array;
  };
  return (part) => ({
    ...part,
    learnt: Object.fromEntries(Object.entries(part.learnt).map(([name, array]) => [name, shared(array)])),
  });
}

const bytesOf = ({ buffer, byteOffset, byteLength }: NDArray['data']) => Buffer.from(buffer, byteOffset, byteLength);

/** The output with each image's class: the largest logit of the network without hooks, −1 if one is NaN, int64 (N). */
const predictedOutput = 'predicted';

/** The class that the network without hooks predicts. */
function tracePredicted({ head, featureWidth }: LastStages): Tensor {
  const { logits } = traceHooks({ features: featuresInput(featureWidth), head }, []);
  return isSound(logits).where(logits.argMax(), -1);
}

/** Hashes of the graphs of scores and of the predicted class: they determine the results, given the stored rows. */
export interface GraphHashes {
  readonly predicted: string;
  readonly scores: ReadonlyMap<FittedDetector, string>;
}

/** A score that cannot be written has no hash. Opening its graph reports the reason. */
export function hashGraphs({ onFeatures }: Pick<ScorePlan, 'onFeatures'>, stages: LastStages): GraphHashes {
  const hashOf = (score: Tensor) => hashGraph(writeOnnxParts({ score }));
  const scores = new Map<FittedDetector, string>();
  for (const [detector, score] of onFeatures) {
    try {
      scores.set(detector, hashOf(score));
    } catch {
      continue;
    }
  }
  return { predicted: hashOf(tracePredicted(stages)), scores };
}

/** The outputs of the graph for a shard. */
interface ShardScores {
  /** The class of the largest logit without hooks, per image. */
  readonly predicted: BigInt64Array;
  /** A score per image, by detector. */
  readonly scores: ReadonlyMap<FittedDetector, ArrayLike<unknown>>;
}

/**
 * A single graph for all detectors that are scored on stored rows. A detector that fails, because onnxruntime refuses
 * it or because of some rows, is left out from then on; the others continue.
 */
export class Scoring {
  readonly failed: FailedDetector[] = [];
  readonly #stages: LastStages;
  readonly #working: Map<FittedDetector, Tensor>;
  #graph: ScoreGraph;

  private constructor(working: Map<FittedDetector, Tensor>, stages: LastStages, graph: ScoreGraph) {
    this.#working = working;
    this.#stages = stages;
    this.#graph = graph;
  }

  static async open({ onFeatures }: Pick<ScorePlan, 'onFeatures'>, stages: LastStages): Promise<Scoring> {
    const working = new Map(onFeatures);
    try {
      return new Scoring(working, stages, await open(working, stages));
    } catch (error) {
      const scoring = new Scoring(working, stages, await open(new Map(), stages));
      if (!(await scoring.#leaveOut(() => Promise.resolve()))) throw error;
      await scoring.#reopen();
      return scoring;
    }
  }

  /** The detectors that have not failed. */
  get detectors(): readonly FittedDetector[] {
    return [...this.#working.keys()];
  }

  /** The readings that are inputs of the graph, besides the features. */
  get readings(): readonly Reading[] {
    return this.#graph.readings;
  }

  /** Leaves out a detector from now on. */
  fail(detector: FittedDetector, error: unknown): void {
    this.#working.delete(detector);
    this.failed.push(failure(detector.name, error));
  }

  async run(shard: ShardRows): Promise<ShardScores> {
    const found = await this.#run(shard);
    return { ...found, scores: new Map([...found.scores].filter(([detector]) => this.#working.has(detector))) };
  }

  release(): Promise<void> {
    return this.#graph.session.release();
  }

  /** If the graph fails on a shard, the detectors that also fail alone are at fault. */
  async #run(shard: ShardRows): Promise<ShardScores> {
    try {
      return await run(this.#graph, shard);
    } catch (error) {
      if (!(await this.#leaveOut((graph) => run(graph, shard)))) throw error;
      await this.#reopen();
      return run(this.#graph, shard);
    }
  }

  /** Tries each detector alone, and leaves out those that fail. Returns whether there were any. */
  async #leaveOut(work: (graph: ScoreGraph) => Promise<unknown>): Promise<boolean> {
    const before = this.#working.size;
    for (const [detector, score] of [...this.#working]) {
      try {
        const graph = await open(new Map([[detector, score]]), this.#stages);
        try {
          await work(graph);
        } finally {
          await graph.session.release();
        }
      } catch (error) {
        refuseMachineFault(error);
        this.fail(detector, error);
      }
    }
    return this.#working.size < before;
  }

  async #reopen(): Promise<void> {
    const graph = await open(this.#working, this.#stages);
    await this.release();
    this.#graph = graph;
  }
}

/** An open graph with the scores of detectors. */
interface ScoreGraph {
  readonly session: Session;
  /** By the names of the graph's outputs. */
  readonly detectors: ReadonlyMap<string, FittedDetector>;
  readonly readings: readonly Reading[];
}

async function run({ session, detectors, readings }: ScoreGraph, shard: ShardRows): Promise<ShardScores> {
  const outputs = await session.run(feedShard(session, shard, readings));
  return {
    predicted: outputs[predictedOutput]!.data as BigInt64Array,
    scores: new Map([...detectors].map(([output, detector]) => [detector, outputs[output]!.data])),
  };
}

const outputName = (index: number) => `detector${index}.score`;

/** All stored readings that these detectors use. */
const readingsOf = (detectors: Iterable<FittedDetector>): Reading[] => {
  const all = [...detectors].flatMap(scoredReadings);
  return [...new Map(all.map((reading) => [reading.key, reading])).values()];
};

/** Opens a graph and runs it on one row of zeros, because some errors only appear when a graph runs. */
async function open(scores: ReadonlyMap<FittedDetector, Tensor>, stages: LastStages): Promise<ScoreGraph> {
  const outputs = [...scores.values()].map((score, index) => [outputName(index), score] as const);
  const graph = writeOnnx({ [predictedOutput]: tracePredicted(stages), ...Object.fromEntries(outputs) });
  const session = await openSession(graph, { threads: cores() });
  await session.run(
    Object.fromEntries(
      Object.entries(session.inputs).map(([name, shape]) => {
        const sizes = shape.map((size) => (typeof size === 'number' ? size : 1));
        return [name, { data: new Float32Array(sizes.reduce((a, b) => a * b, 1)), shape: sizes }];
      }),
    ),
  );
  const detectors = new Map([...scores.keys()].map((detector, index) => [outputName(index), detector]));
  return { session, detectors, readings: fedReadings(session, readingsOf(scores.keys())) };
}

/** Every score of a dataset. */
export interface DatasetScores {
  readonly images: readonly DatasetImage[];
  /** The class of the largest logit without hooks, per image; −1 if one of the logits is NaN. */
  readonly predicted: Int32Array;
  /** One score per image, by detector name; failed detectors are absent. */
  readonly scores: ReadonlyMap<string, Float32Array>;
}

/**
 * Runs the graph over the stored rows of a set, one shard at a time. A detector that fails is left out from then on.
 *
 * @throws FaroutError OOD_FEATURES_INVALID if an image has NaN features: no detector could judge it.
 */
export async function scoreDataset(
  set: ImageRows,
  scoring: Scoring,
  signal: AbortSignal,
  name = 'a set',
): Promise<DatasetScores> {
  const count = set.images.length;
  const predicted = new Int32Array(count);
  const scores = new Map(scoring.detectors.map((detector) => [detector, new Float32Array(count)]));
  let start = 0;
  for await (const shard of set.rows(scoring.readings.map(({ key }) => key))) {
    signal.throwIfAborted();
    const { images } = shard;
    checkFeatures(shard.rows, images, name);
    const found = await scoring.run(shard);
    predicted.set(Int32Array.from(found.predicted, Number), start);
    for (const [detector, data] of found.scores) {
      try {
        scores.get(detector)!.set(checked(data, images), start);
      } catch (error) {
        signal.throwIfAborted();
        refuseMachineFault(error);
        scoring.fail(detector, error);
      }
    }
    start += images.length;
  }
  const all = scoring.detectors.map((detector) => [detector.name, scores.get(detector)!] as const);
  return { images: set.images, predicted, scores: new Map(all) };
}
