import { FaroutError } from '@farout/core';
import { describeValue } from '../plugins/describe-value.ts';

/** @throws FaroutError OOD_SCORE_INVALID if there is not one score per image, or if one is NaN. */
export function checked(scores: unknown, images: readonly { readonly id: string }[]): Float32Array {
  if (!(scores instanceof Float32Array) || scores.length !== images.length) {
    const found = scores instanceof Float32Array ? `${scores.length} scores` : describeValue(scores);
    throw new FaroutError(
      'OOD_SCORE_INVALID',
      `returned ${found} for ${images.length} images, expected a Float32Array with one score each`,
    );
  }
  const bad = scores.findIndex(Number.isNaN);
  if (bad === -1) return scores;
  throw notANumber(images[bad]!.id);
}

/** The error for a score of NaN, or one computed from features or logits with NaN. */
export const notANumber = (image: string): FaroutError =>
  new FaroutError('OOD_SCORE_INVALID', `returned NaN for the image "${image}"`, {
    fix: "Look for 0/0, ∞ − ∞ or the logarithm of a negative number in its formula, its hooks and the network's logits.",
  });
