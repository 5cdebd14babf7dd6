import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cellText, runFiles } from '@farout/core';
import { parse } from 'csv-parse/sync';

/** What is known of each image, in the order of each dataset. */
export interface SavedScores {
  /** By dataset and detector; a detector that has none for some image is absent. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, Float32Array>>;
  /** What each image has in common with others of one source, by dataset; absent where no image of the run says so. */
  readonly groups?: ReadonlyMap<string, readonly (string | undefined)[]>;
}

/** The columns before those of detectors, and those that may stand between. */
const columns = ['dataset', 'image', 'label', 'predicted'];
const classColumn = 'class';
const groupColumn = 'group';

/** What `scores.csv` of a run folder says; undefined where it cannot be read, or is something else. */
export async function readScores(folder: string): Promise<SavedScores | undefined> {
  const text = await readFile(path.join(folder, runFiles.scores), 'utf8').catch(() => undefined);
  const [head, ...rows] = text === undefined ? [] : recordsIn(text);
  if (head?.slice(0, columns.length).join() !== columns.join()) return undefined;
  const sets = new Map<string, string[][]>();
  for (const row of rows) {
    const name = cellText(row[0]!);
    const known = sets.get(name);
    if (known) known.push(row);
    else sets.set(name, [row]);
  }
  const at = columns.length + (head[columns.length] === classColumn ? 1 : 0);
  const isGrouped = head[at] === groupColumn;
  const before = at + (isGrouped ? 1 : 0);
  const groupOf = (row: readonly string[]) => (row[at] === '' ? undefined : cellText(row[at]!));
  return {
    scores: new Map([...sets].map(([name, own]) => [name, scoresIn(head, own, before)])),
    ...(isGrouped && { groups: new Map([...sets].map(([name, own]) => [name, own.map(groupOf)])) }),
  };
}

function scoresIn(head: readonly string[], rows: readonly string[][], before: number): Map<string, Float32Array> {
  const scores = head.slice(before).map((detector, at) => {
    const column = rows.map((row) => row[before + at]!);
    return [cellText(detector), Float32Array.from(column, (text) => (text === '' ? NaN : Number(text)))] as const;
  });
  return new Map(scores.filter(([, column]) => !column.some(Number.isNaN)));
}

/** What RFC 4180 makes of a text; nothing of one that is something else. */
function recordsIn(text: string): string[][] {
  try {
    return parse(text);
  } catch {
    return [];
  }
}
