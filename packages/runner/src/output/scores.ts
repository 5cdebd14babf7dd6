import { csvLine } from '@farout/core';
import type { DatasetScores } from '../score/score-dataset.ts';
import { shortestFloat32 } from './shortest-float32.ts';

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
