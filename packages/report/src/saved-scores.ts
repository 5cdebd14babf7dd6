import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runFiles } from '@farout/core';

/** The scores of each dataset's images, in their order, by detector; a detector that has none for some image is absent. */
export type SavedScores = ReadonlyMap<string, ReadonlyMap<string, Float32Array>>;

/** How many columns stand before those of detectors: dataset, image, label, predicted. */
const before = 4;

/** What `scores.csv` of a run folder says; undefined where it cannot be read, or is something else. */
export async function readScores(folder: string): Promise<SavedScores | undefined> {
  const text = await readFile(path.join(folder, runFiles.scores), 'utf8').catch(() => undefined);
  const [head, ...rows] = text === undefined ? [] : [...records(text)];
  if (head?.slice(0, before).join() !== 'dataset,image,label,predicted') return undefined;
  if (rows.some((row) => row.length !== head.length)) return undefined;
  const sets = new Map<string, string[][]>();
  for (const row of rows) {
    const known = sets.get(row[0]!);
    if (known) known.push(row);
    else sets.set(row[0]!, [row]);
  }
  return new Map([...sets].map(([name, own]) => [name, columns(head, own)]));
}

function columns(head: readonly string[], rows: readonly string[][]): Map<string, Float32Array> {
  const scores = head.slice(before).map((detector, at) => {
    const column = rows.map((row) => row[before + at]!);
    return [detector, Float32Array.from(column, (text) => (text === '' ? NaN : Number(text)))] as const;
  });
  return new Map(scores.filter(([, column]) => !column.some(Number.isNaN)));
}

/** Comma separated values by RFC 4180: a field in quotes may hold commas, line ends, and quotes that are doubled. */
function* records(text: string): Generator<string[]> {
  let record: string[] = [];
  for (const [, quoted, bare = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|$)/g)) {
    if (quoted === undefined && bare === '' && end === '' && record.length === 0) return;
    record.push(quoted?.replaceAll('""', '"') ?? bare);
    if (end === ',') continue;
    yield record;
    record = [];
  }
}
