import type { DatasetScores } from './on-features.ts';

/** How good a network is at the classes that it was trained for. */
export interface Accuracy {
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
    'Labels may be off by one or in another order, or mean, std, resize or crop not those of its training'
  );
}
