import type { Interval } from '@farout/core';
import { drawCounts, wilson, type DrawKey } from '@farout/statistics';
import type { DatasetScores } from '../score/on-features.ts';
import { quantilesOf } from './bootstrap.ts';
import { drawnSet, type DrawnSet } from './rankings.ts';

/** How good a network is at the classes that it was trained for. */
interface Accuracy {
  /** The share of labelled images whose predicted class is their label, 0..1; null when none is labelled. */
  readonly accuracy: number | null;
  /** How many images have a label. */
  readonly labelled: number;
}

/** The accuracy on the images that have a label. */
export function accuracyOf({ images, predicted }: Pick<DatasetScores, 'images' | 'predicted'>): Accuracy {
  const labelled = images.filter(({ label }) => label !== undefined).length;
  const right = images.filter(({ label }, index) => label !== undefined && label === predicted[index]).length;
  return { accuracy: labelled === 0 ? null : right / labelled, labelled };
}

/**
 * Of the accuracy, by Wilson; where images share sources, by drawing these again. Undefined where no image is labelled, and where all draws
 * say the same.
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

/** NaN where no labelled image is drawn. */
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

/** Up to here, as a share of the way from guessing (1 / K) to perfect, a network is held to guess. */
const nearGuessing = 0.1;

/**
 * What must be said of an accuracy a that no trained network has: exactly 0, or hardly above guessing, (a − 1 / K) / (1 − 1 / K) ≤ 0.1.
 * Undefined when it is another, or nothing is labelled.
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
