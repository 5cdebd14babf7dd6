import type { RunResults } from '@farout/core';
import { footnotes, publishedNote } from './footnotes.ts';
import type { Style } from './style.ts';

/** What stands below the tables of a terminal: units, directions, marks, and what the metrics mean. */
export function legend(shown: Pick<RunResults, 'metrics' | 'results'>, style: Style): string {
  const star = style.isColorSupported ? '' : '; * marks the best of a column';
  const published = publishedNote(shown);
  const lines = [
    `All numbers in percent; ↓ lower is better, ↑ higher is better${star}.`,
    ...(published === undefined ? [] : [published]),
    ...footnotes(shown).map(({ title, meaning }) => `${title}: ${meaning}.`),
  ];
  return lines.map((line) => style.dim(line)).join('\n');
}
