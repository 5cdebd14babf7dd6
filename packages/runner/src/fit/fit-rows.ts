import { FaroutError, type FitBatch, type FitInput, type FitRows, type Rows } from '@farout/core';
import type { ImageRows, ShardRows } from '../extraction/row-set.ts';
import { checkFeatures } from '../extraction/graphs.ts';

/** Rewrites a shard's features into what the hooks before a part make of them. */
export type SeenThrough = (features: Rows) => Promise<Pick<FitBatch, 'features' | 'logits'>>;

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
const pick = (batch: FitBatch, reads: readonly FitInput[]) =>
  Object.fromEntries(reads.map((input) => [input, batch[input]])) as unknown as FitBatch;
