import { availableParallelism } from 'node:os';
import type { FailedDetector } from '@oodkit/core';
import { openSession, type Session } from '@oodkit/runtime';
import { writeOnnx, type Tensor } from '@oodkit/tensor';
import type { FittedDetector } from '../fit/fitted.ts';
import type { LastStages } from '../fit/lens.ts';
import { failure } from './failure.ts';
import { feedFeatures } from './features-input.ts';
import { traceDetector, tracePredicted } from './score-graph.ts';

/** One graph for all detectors that could be built, and those that could not. */
export interface Scoring {
  readonly session: Session;
  /** By their index in the graph's output names. */
  readonly detectors: ReadonlyMap<number, FittedDetector>;
  readonly failed: readonly FailedDetector[];
}

type Outputs = Readonly<Record<string, Tensor>>;

/**
 * Compiles all detectors into one graph. When that fails, each is tried alone, so that a detector which onnxruntime
 * refuses does not take the others with it.
 */
export async function openScoring(detectors: readonly FittedDetector[], stages: LastStages): Promise<Scoring> {
  const failed: FailedDetector[] = [];
  const attempt = async <T>({ name }: FittedDetector, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failed.push(failure(name, error));
      return undefined;
    }
  };
  const traced = new Map<number, Outputs>();
  for (const [index, detector] of detectors.entries()) {
    const outputs = await attempt(detector, () => traceDetector(detector, index, stages));
    if (outputs) traced.set(index, outputs);
  }
  const predicted = tracePredicted(stages);
  const together = () => open(Object.assign({}, predicted, ...traced.values()) as Outputs, stages);
  const session = await together().catch(async () => {
    for (const [index, outputs] of traced) {
      const works = await attempt(detectors[index]!, async () => {
        await (await open(outputs, stages)).release();
        return true;
      });
      if (!works) traced.delete(index);
    }
    return together();
  });
  return { session, detectors: new Map([...traced.keys()].map((index) => [index, detectors[index]!])), failed };
}

/** Opens a graph and runs it on one row of zeros: some mistakes show only when a graph runs. */
async function open(outputs: Outputs, { featureWidth }: LastStages): Promise<Session> {
  const session = await openSession(writeOnnx(outputs), { threads: availableParallelism() });
  await session.run(feedFeatures({ data: new Float32Array(featureWidth), shape: [1, featureWidth] }));
  return session;
}
