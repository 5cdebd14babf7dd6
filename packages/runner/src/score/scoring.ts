import { availableParallelism } from 'node:os';
import type { FailedDetector } from '@farout/core';
import { openSession, type Session } from '@farout/runtime';
import { writeOnnx, type Tensor } from '@farout/tensor';
import type { FittedDetector } from '../fit/fitted.ts';
import type { LastStages } from '../fit/lens.ts';
import { failure } from '../plugins/failure.ts';
import { feedFeatures } from '../extraction/graphs.ts';
import type { ScorePlan } from './plan.ts';
import { tracePredicted } from './trace.ts';

/** One graph for all detectors that could be built, and those that could not. */
export interface Scoring {
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
