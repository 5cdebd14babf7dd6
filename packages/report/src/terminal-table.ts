import { printable, type RunResults } from '@farout/core';
import { idAccuracy } from './numbers.ts';
import { shortfalls, type Shortfall } from './shortfalls.ts';
import { metricTables } from './tables.ts';
import { drawTables, legend, type Style, styleFor } from './terminal.ts';

/** Where a table is printed. */
export interface Terminal {
  /** Marks the best numbers by colour; without it by a star. */
  readonly colour: boolean;
  /** Columns of the terminal. OOD sets that do not fit beside each other continue below. */
  readonly width: number;
}

/**
 * A run as text for a terminal: the ID accuracy, one table per metric in percent, what the metrics mean, and what the run
 * lacks. Ends with a line break.
 */
export function terminalTable(results: RunResults, { colour, width }: Terminal): string {
  const style = styleFor(colour);
  const { accuracy, set } = idAccuracy(results);
  const tables = metricTables(results);
  const sections = [
    style.bold(printable(results.name)),
    `ID accuracy ${style.bold(accuracy)}  ${style.dim(printable(set))}`,
    ...drawTables(tables, width, style),
    ...(tables.length > 0 ? [legend(results, style)] : []),
    ...shortfalls(results).map((shortfall) => listed(shortfall, style)),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** A heading and its lines. */
export const listed = ({ title, lines }: Shortfall, style: Style) =>
  [style.yellow(printable(title)), ...lines.map((line) => `  ${printable(line)}`)].join('\n');
