import { csvLine } from '@farout/core';
import type { DatasetScores } from '../score/on-features.ts';

/**
 * Every score, RFC 4180: dataset, image, label, predicted, one column per detector. An unknown label is empty, and so is the
 * predicted class of NaN; scores are float32 in their shortest form; infinite ones are Infinity and -Infinity. The parts are
 * written one after another.
 */
export function* scoresCsv(
  detectors: readonly string[],
  datasets: ReadonlyMap<string, DatasetScores>,
): Generator<string> {
  yield csvLine(['dataset', 'image', 'label', 'predicted', ...detectors]);
  for (const [dataset, { images, predicted, scores }] of datasets) {
    const columns = detectors.map((detector) => scores.get(detector));
    for (const [index, { id, label }] of images.entries()) {
      const values = columns.map((column) => (column ? shortestFloat32(column[index]!) : ''));
      const known = [label?.toString() ?? '', predicted[index] === -1 ? '' : String(predicted[index])];
      yield csvLine([dataset, id], [...known, ...values]);
    }
  }
}

/** The fewest decimal digits that read back as the same float32: 0.1 and not 0.10000000149011612. */
export function shortestFloat32(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  let digits = 6;
  while (digits < mostDigits && !readsBack(value, digits)) digits++;
  while (digits > 1 && readsBack(value, digits - 1)) digits--;
  return String(Number(value.toPrecision(digits)));
}

/** Nine significant digits tell every float32 from every other. */
const mostDigits = 9;

const readsBack = (value: number, digits: number) => Math.fround(Number(value.toPrecision(digits))) === value;
