import {
  traceHooks,
  type FitInput,
  type Head,
  type HookDefinition,
  type ImageAccess,
  type TraceablePart,
} from '@farout/core';
import { openSession } from '@farout/runtime';
import { writeOnnx } from '@farout/tensor';
import { asRows, feedFeatures, featuresInput } from '../extraction/graphs.ts';
import type { SeenThrough } from './fit-rows.ts';

/** The network's last stages as `head` and its width give them, and the way to them from images. */
export interface LastStages {
  readonly head: Head;
  readonly featureWidth: number;
  readonly images?: ImageAccess;
}

/** What a function needs while it sees features through hooks, and its end. */
export interface Lens {
  readonly seeThrough: SeenThrough;
  readonly close: () => Promise<void>;
}

/** Computes features and logits behind hooks; bare features need no graph and are passed on. */
export async function openLens(
  { head, featureWidth }: LastStages,
  hooks: readonly TraceablePart<HookDefinition>[],
  reads: readonly FitInput[],
): Promise<Lens> {
  const noLogits = { data: new Float32Array(0), shape: [0, 0] as const };
  if (hooks.length === 0 && !reads.includes('logits')) {
    return {
      seeThrough: (features) => Promise.resolve({ features, logits: noLogits }),
      close: () => Promise.resolve(),
    };
  }
  const { features, logits } = traceHooks({ features: featuresInput(featureWidth), head }, hooks);
  const session = await openSession(writeOnnx({ seen: features, logits }), { threads: 1 });
  return {
    seeThrough: async (rows) => {
      const outputs = await session.run(feedFeatures(rows));
      return { features: asRows(outputs.seen!), logits: asRows(outputs.logits!) };
    },
    close: () => session.release(),
  };
}
