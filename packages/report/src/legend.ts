import { printable } from '@farout/core';
import type { TableSource } from './best.ts';
import { footnotes, markNote } from './footnotes.ts';
import type { Style } from './style.ts';

/** What stands below the tables of a terminal: units, directions, marks, and what the metrics mean. */
export function legend(shown: TableSource, style: Style): string {
  const star = style.isColorSupported ? undefined : markNote(shown, '; * marks the best of a column');
  const lines = [`All numbers in percent; ↓ lower is better, ↑ higher is better${star ?? ''}.`, ...footnotes(shown)];
  return lines.map((line) => style.dim(printable(line))).join('\n');
}
