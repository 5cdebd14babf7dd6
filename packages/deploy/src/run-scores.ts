import { createReadStream } from 'node:fs';
import path from 'node:path';
import { cellText, FaroutError, runFiles } from '@farout/core';
import { parse } from 'csv-parse';

/** A detector's scores on some datasets, from scores.csv: by dataset, then by image name in the file. */
export interface RunScores {
  /** All scores of these datasets, in file order. */
  readonly all: Float32Array;
  /** How many of these images are predicted as each class; unknown predictions are left out. */
  readonly predicted: ReadonlyMap<number, number>;
  /** The score of one image; undefined if it has no row. */
  readonly of: (dataset: string, image: string) => number | undefined;
}

/**
 * Reads the scores of a detector from a run.
 *
 * @throws FaroutError OOD_RUN_UNREADABLE when the file has no such column or no number in it.
 */
export async function readRunScores(folder: string, detector: string, datasets: readonly string[]): Promise<RunScores> {
  const file = path.join(folder, runFiles.scores);
  const known = new Map<string, number>();
  const all: number[] = [];
  const predicted = new Map<number, number>();
  const rows = createReadStream(file).pipe(parse({ columns: false, bom: true }));
  let column: number | undefined;
  for await (const row of rows as AsyncIterable<string[]>) {
    if (column === undefined) {
      column = columnOf(row, detector, file);
      continue;
    }
    const [dataset, image] = [cellText(row[0]!), cellText(row[1]!)];
    if (!datasets.includes(dataset)) continue;
    const score = scoreOf(row[column]!);
    if (Number.isNaN(score)) throw unreadable(file, `"${row[column]!}" is not a valid score of ${image}`);
    known.set(keyOf(dataset, image), score);
    all.push(score);
    if (row[predictedColumn] !== '') {
      const found = Number(row[predictedColumn]);
      predicted.set(found, (predicted.get(found) ?? 0) + 1);
    }
  }
  return { all: Float32Array.from(all), predicted, of: (dataset, image) => known.get(keyOf(dataset, image)) };
}

/** After dataset, image and label. */
const predictedColumn = 3;

const keyOf = (dataset: string, image: string) => `${dataset}\0${image}`;

function columnOf(header: readonly string[], detector: string, file: string): number {
  const found = header.findIndex((each) => cellText(each) === detector);
  if (found < 4) throw unreadable(file, `it has no column "${detector}"`);
  return found;
}

const scoreOf = (cell: string) => (cell === '' ? NaN : Math.fround(Number(cell)));

const unreadable = (file: string, why: string) =>
  new FaroutError('OOD_RUN_UNREADABLE', `${file} cannot be used: ${why}`, { fix: 'Run the experiment again.' });
