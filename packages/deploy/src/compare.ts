import { FaroutError, type Progress } from '@farout/core';
import type { RunDetector } from '@farout/runner';
import type { Description } from '@farout/verdict';
import { fileScores } from './file-scores.ts';
import type { RunScores } from './run-scores.ts';
import { thresholdOf, type Threshold } from './threshold.ts';

/** The comparison of a file with its run, on ID images of the run. */
export interface Compared {
  /** How many images were scored by both. */
  readonly images: number;
  /** The largest difference between two scores, relative to the run's largest score. */
  readonly difference: number;
  /** If threshold and ID scores are the file's own: for how many images its decision differs from the run's. */
  readonly moved?: number;
}

interface File {
  readonly bytes: Uint8Array;
  readonly description: Description;
}

/** How many ID images are scored again, spread over all. */
const comparedImages = 64;
/** Tolerance for a different order of summation, relative to the largest score. */
const mostDifference = 1e-4;

/**
 * Checks on some ID images that a file reproduces the scores of its run.
 *
 * @throws FaroutError OOD_EXPORT_REFUSED when the scores differ, or no image is found.
 */
export async function sameAsRun(file: File, opened: RunDetector, scores: RunScores): Promise<Compared> {
  const step = Math.max(1, Math.floor(scores.all.length / comparedImages));
  const difference = relativeTo(scores);
  let images = 0;
  let largest = 0;
  for await (const { dataset, id, score } of fileScores(file.bytes, opened, file.description, step)) {
    const known = scores.of(dataset, id);
    if (known === undefined) continue;
    images++;
    largest = Math.max(largest, difference(score, known));
  }
  if (images === 0) throw refused('all ID images of the run are missing');
  if (!(largest <= mostDifference)) throw refused(`its scores are off by ${largest.toPrecision(2)}`);
  return { images, difference: largest };
}

/** Tolerance for a file that follows the run approximately: mean error, relative to the standard deviation of the run's scores. */
const mostMeanError = 0.05;

/**
 * Scores all ID images of a run with a file that may differ slightly, and checks that it follows the run approximately.
 *
 * @throws FaroutError OOD_EXPORT_REFUSED when an image is missing, or the scores are far from the run's.
 */
export async function againstRun(
  file: File,
  opened: RunDetector,
  known: { readonly scores: RunScores; readonly threshold: Threshold; readonly progress?: Progress },
): Promise<Required<Compared> & { readonly idScores: Float32Array }> {
  const { scores, threshold, progress } = known;
  const [own, run]: [number[], number[]] = [[], []];
  progress?.start('Scoring', scores.all.length, 0, 'images');
  try {
    for await (const { dataset, id, score } of fileScores(file.bytes, opened, file.description)) {
      const former = scores.of(dataset, id);
      if (former === undefined) continue;
      if (Number.isNaN(score)) throw refused(`the score of ${id} is NaN`);
      own.push(score);
      run.push(former);
      progress?.advance(1);
    }
  } finally {
    progress?.stop();
  }
  if (own.length < scores.all.length)
    throw refused(`only ${own.length} of the ${scores.all.length} ID images of the run are available`);
  const idScores = Float32Array.from(own);
  refuseFar(idScores, run);
  const { value } = thresholdOf(idScores, threshold.tpr);
  const difference = relativeTo(scores);
  return {
    idScores,
    images: own.length,
    difference: own.reduce((most, score, at) => Math.max(most, difference(score, run[at]!)), 0),
    moved: own.filter((score, at) => score > value !== run[at]! > threshold.value).length,
  };
}

/** @throws FaroutError OOD_EXPORT_REFUSED when scores differ from the run's by more than resizing and half precision explain. */
function refuseFar(own: Float32Array, run: readonly number[]): void {
  const finite = run.filter((score) => Number.isFinite(score));
  const mean = sum(finite) / finite.length;
  const deviation = Math.sqrt(sum(finite.map((score) => (score - mean) ** 2)) / finite.length);
  const off = sum(run.map((score, at) => (score === own[at] ? 0 : Math.abs(score - own[at]!)))) / run.length;
  if (off <= mostMeanError * deviation) return;
  throw refused(`its scores are off by ${(off / deviation).toPrecision(2)} of their standard deviation on average`);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Returns the difference between a score and the run's, relative to the run's largest score. */
function relativeTo({ all }: RunScores): (score: number, known: number) => number {
  const largest = all.reduce((most, score) => (Number.isFinite(score) ? Math.max(most, Math.abs(score)) : most), 0);
  return (score, known) => (score === known ? 0 : Math.abs(score - known) / (largest || 1));
}

const refused = (why: string) =>
  new FaroutError('OOD_EXPORT_REFUSED', `the file cannot be compared with the run: ${why}`, {
    fix: 'Give the current folder of the ID images with --data <folder>, or run the experiment again.',
  });
