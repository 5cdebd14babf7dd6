import {
  FaroutError,
  traceHooks,
  type FitBatch,
  type FitInput,
  type FitRows,
  type Head,
  type HookDefinition,
  type ImageAccess,
  type Rows,
  type TraceablePart,
} from '@farout/core';
import { writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import { asRows, checkFeatures, featuresInput, feedFeatures } from '../extraction/graphs.ts';
import type { ImageRows, ShardRows } from '../extraction/row-set.ts';

/** The network's last stages as `head` and its width give them, and the way to them from images. */
export interface LastStages {
  readonly head: Head;
  readonly featureWidth: number;
  readonly images?: ImageAccess;
}

/** Rewrites a shard's features into what the hooks before a part make of them. */
type SeenThrough = (features: Rows) => Promise<Pick<FitBatch, 'features' | 'logits'>>;

/** What a function needs while it sees features through hooks, and its end. */
interface Lens {
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

/**
 * The fit set as one part sees it: the stored features through the hooks before it, a shard at a time, with the labels
 * when it asks for them.
 *
 * @throws FaroutError OOD_MISSING_LABELS naming the first image without one; OOD_FEATURES_INVALID naming one whose features hold
 *   NaN.
 */
export function fitRows(set: ImageRows, reads: readonly FitInput[], seenThrough: SeenThrough): FitRows {
  const withLabels = reads.includes('labels');
  const unlabelled = withLabels ? set.images.find(({ label }) => label === undefined) : undefined;
  if (unlabelled) {
    throw new FaroutError('OOD_MISSING_LABELS', `the image "${unlabelled.id}" of the fit set has no label`, {
      fix: 'Give labels: `labels: folders` for image-folder, a last field for image-list.',
    });
  }
  return {
    count: set.images.length,
    async *[Symbol.asyncIterator]() {
      for await (const shard of set.rows()) {
        checkFeatures(shard.rows, shard.images, 'the fit set');
        const seen = await seenThrough(shard.rows);
        yield pick({ ...seen, labels: labelsOf(shard, withLabels) }, reads);
      }
    },
  };
}

const labelsOf = ({ images }: ShardRows, wanted: boolean) =>
  Int32Array.from(wanted ? images : [], ({ label }) => label!);

/** Only what was asked for, so that a part cannot read what it does not declare. */
const pick = ({ features, logits, labels }: FitBatch, reads: readonly FitInput[]) =>
  ({
    ...(reads.includes('features') && { features }),
    ...(reads.includes('logits') && { logits }),
    ...(reads.includes('labels') && { labels }),
  }) as FitBatch;
