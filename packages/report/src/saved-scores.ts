import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cellText, runFiles } from '@farout/core';
import { parse } from 'csv-parse/sync';

/** Scores and groups of each image, in dataset order. */
export interface SavedScores {
  /** By dataset and detector; a detector without a score for every image is absent. */
  readonly scores: ReadonlyMap<string, ReadonlyMap<string, Float32Array>>;
  /** The group of each image, by dataset: images of one source share a group. Absent if no image of the run has a group. */
  readonly groups?: ReadonlyMap<string, readonly (string | undefined)[]>;
}

/** The columns before those of detectors: four required, then optional ones. */
const columns = ['dataset', 'image', 'label', 'predicted'];
const classColumn = 'class';
const groupColumn = 'group';

/** Reads `scores.csv` of a run folder; undefined if it cannot be read or has another format. */
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

/** Parses RFC 4180 text; returns no records if it is malformed. */
function recordsIn(text: string): string[][] {
  try {
    return parse(text);
  } catch {
    return [];
  }
}
