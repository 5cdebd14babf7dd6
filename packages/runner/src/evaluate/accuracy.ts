import type { Interval } from '@farout/core';
import { drawCounts, wilson, type DrawKey } from '@farout/statistics';
import type { DatasetScores } from '../score/on-features.ts';
import { quantilesOf } from './bootstrap.ts';
import { drawnSet, type DrawnSet } from './rankings.ts';

/** How well a network classifies the classes it was trained on. */
interface Accuracy {
  /** The share of labelled images whose predicted class equals the label, 0..1; null if none is labelled. */
  readonly accuracy: number | null;
  /** The number of labelled images. */
  readonly labelled: number;
}

/** The accuracy on the labelled images. */
export function accuracyOf({ images, predicted }: Pick<DatasetScores, 'images' | 'predicted'>): Accuracy {
  const labelled = images.filter(({ label }) => label !== undefined).length;
  const right = images.filter(({ label }, index) => label !== undefined && label === predicted[index]).length;
  return { accuracy: labelled === 0 ? null : right / labelled, labelled };
}

/**
 * The Wilson interval of the accuracy; if images share sources (groups), a bootstrap over these. Undefined if no
 * image is labelled, or if all draws are equal.
 */
export function accuracyInterval(
  scored: Pick<DatasetScores, 'images' | 'predicted'>,
  seed: number,
): Interval | undefined {
  const { accuracy, labelled } = accuracyOf(scored);
  if (accuracy === null) return undefined;
  const set = drawnSet('id', scored.images);
  if (!set.groups) return { ...wilson(Math.round(accuracy * labelled), labelled), method: 'wilson' };
  return quantilesOf(
    Float64Array.from({ length: accuracyDraws }, (_, draw) =>
      drawnAccuracy(scored, set, { seed, set: set.name, draw }),
    ),
  );
}

const accuracyDraws = 2000;

/** NaN if no labelled image is drawn. */
function drawnAccuracy(
  { images, predicted }: Pick<DatasetScores, 'images' | 'predicted'>,
  { groups }: DrawnSet,
  key: DrawKey,
): number {
  const counts = new Uint8Array(images.length);
  drawCounts(key, counts, groups);
  let [right, labelled] = [0, 0];
  for (const [image, { label }] of images.entries()) {
    if (label === undefined) continue;
    labelled += counts[image]!;
    if (label === predicted[image]) right += counts[image]!;
  }
  return right / labelled;
}

/** A network counts as guessing up to this share of the way from guessing (1 / K) to perfect. */
const nearGuessing = 0.1;

/**
 * A remark on an accuracy a that no trained network has: exactly 0, or hardly above guessing,
 * (a − 1 / K) / (1 − 1 / K) ≤ 0.1. Undefined for any other accuracy, or if nothing is labelled.
 */
export function remarkOnAccuracy({ accuracy, labelled }: Accuracy, classes: number): string | undefined {
  if (accuracy === null) return undefined;
  const chance = 1 / classes;
  if (accuracy > chance + nearGuessing * (1 - chance)) return undefined;
  const right = accuracy === 0 ? 'none' : String(Math.round(accuracy * labelled));
  const better = accuracy > chance ? 'hardly better' : 'no better';
  return (
    `Of ${labelled} labelled ID images the network recognises ${right}, ${better} than guessing among ${classes} classes. ` +
    'Labels may be off by one or in another order, or mean, std, resize or crop may differ from its training'
  );
}
