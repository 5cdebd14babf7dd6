import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { runFiles } from '@farout/core';

/** What is known of each image, in the order of each dataset. */
export interface SavedScores {
  /** By dataset and detector; a detector that has none for some image is absent. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, Float32Array>>;
  /** What each image has in common with others of one source, by dataset; absent where no image of the run says so. */
  readonly groups?: ReadonlyMap<string, readonly (string | undefined)[]>;
}

/** The columns before those of detectors, after which that of groups may stand. */
const columns = ['dataset', 'image', 'label', 'predicted'];
const groupColumn = 'group';

/** What `scores.csv` of a run folder says; undefined where it cannot be read, or is something else. */
export async function readScores(folder: string): Promise<SavedScores | undefined> {
  const text = await readFile(path.join(folder, runFiles.scores), 'utf8').catch(() => undefined);
  const [head, ...rows] = text === undefined ? [] : [...records(text)];
  if (head?.slice(0, columns.length).join() !== columns.join()) return undefined;
  if (rows.some((row) => row.length !== head.length)) return undefined;
  const sets = new Map<string, string[][]>();
  for (const row of rows) {
    const known = sets.get(row[0]!);
    if (known) known.push(row);
    else sets.set(row[0]!, [row]);
  }
  const isGrouped = head[columns.length] === groupColumn;
  const before = columns.length + (isGrouped ? 1 : 0);
  const groupOf = (row: readonly string[]) => (row[columns.length] === '' ? undefined : row[columns.length]);
  return {
    scores: new Map([...sets].map(([name, own]) => [name, scoresIn(head, own, before)])),
    ...(isGrouped && { groups: new Map([...sets].map(([name, own]) => [name, own.map(groupOf)])) }),
  };
}

function scoresIn(head: readonly string[], rows: readonly string[][], before: number): Map<string, Float32Array> {
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
