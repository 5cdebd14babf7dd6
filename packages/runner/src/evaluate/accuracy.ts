import type { DatasetScores } from '../score/score-dataset.ts';

/** The share of labelled images whose predicted class is their label, 0..1; null when none is labelled. */
export function accuracy({ images, predicted }: DatasetScores): number | null {
  const labelled = images.filter(({ label }) => label !== undefined).length;
  if (labelled === 0) return null;
  return images.filter(({ label }, index) => label === predicted[index]).length / labelled;
}
