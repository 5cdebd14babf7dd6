import { printable, type Interval, type RunResults } from '@farout/core';
import Table from 'cli-table3';
import type { HorizontalTableRow as Row } from 'cli-table3';
import picocolors from 'picocolors';
import { footnotes, markNote } from './notes.ts';
import { idAccuracy, percent } from './numbers.ts';
import { shortfalls, type Shortfall } from './shortfalls.ts';
import { metricTables, type Cell, type MetricTable, type TableRow, type TableSource } from './tables.ts';

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

/** Colours, or functions of the same names that change nothing. */
export type Style = ReturnType<typeof picocolors.createColors>;

/** The colours of a terminal that shows them, or of one that does not. */
export const styleFor = (colour: boolean): Style => picocolors.createColors(colour);

/** What stands below the tables of a terminal: units, directions, marks, and what the metrics mean. */
export function legend(shown: TableSource, style: Style): string {
  const marks = style.isColorSupported
    ? undefined
    : (['; * marks the best of a column', '; * marks numbers not distinguishable from the best on these images'] as const);
  const star = marks && markNote(shown, ...marks);
  const lines = [`All numbers in percent; ↓ lower is better, ↑ higher is better${star ?? ''}.`, ...footnotes(shown)];
  return lines.map((line) => style.dim(printable(line))).join('\n');
}

/** What is drawn of a table. */
type DrawnTable = Pick<MetricTable, 'title' | 'columns' | 'rows'>;

/**
 * The tables below each other, their columns aligned. Where they are wider than `width`, intervals are left out; where that does not
 * suffice, long names of columns are folded, and the columns dealt to as few blocks as stay within it.
 */
export function drawTables(tables: readonly DrawnTable[], width: number, style: Style): string[] {
  if (tables.length === 0) return [];
  for (const shown of [tables, tables.map(withoutSpread)]) {
    const whole = draw(shown, style, (name) => name);
    if (whole.width <= width) return [whole.text];
  }
  return inBlocks(tables.map(withoutSpread), width, style);
}

function inBlocks(tables: readonly DrawnTable[], width: number, style: Style): string[] {
  const most = tables[0]!.columns.length;
  for (let blocks = 1; ; blocks++) {
    const drawn = dealt(tables, Math.ceil(most / blocks)).map((block) => draw(block, style, fold));
    if (blocks === most || drawn.every((block) => block.width <= width)) return drawn.map(({ text }) => text);
  }
}

const withoutSpread = (table: DrawnTable): DrawnTable => ({
  ...table,
  rows: table.rows.map((row) => ({
    ...row,
    cells: row.cells.map((cell) => ({ ...cell, interval: undefined, seeds: undefined })),
  })),
});

/** The tables once for every `size` of their columns. */
function dealt(tables: readonly DrawnTable[], size: number): DrawnTable[][] {
  const blocks: DrawnTable[][] = [];
  for (let from = 0; from < tables[0]!.columns.length; from += size) {
    blocks.push(
      tables.map(({ title, columns, rows }) => ({
        title,
        columns: columns.slice(from, from + size),
        rows: rows.map(({ detector, cells }) => ({ detector, cells: cells.slice(from, from + size) })),
      })),
    );
  }
  return blocks;
}

const line = (names: string, character: string) =>
  Object.fromEntries(names.split(' ').map((name) => [name, character]));
const onlyTheTop = {
  ...line('bottom bottom-mid bottom-left bottom-right mid mid-mid left left-mid right right-mid middle', ''),
  ...line('top-left top-right top-mid', ''),
};

/** Draws one table, so that the library aligns all columns, and puts its top line below every head. */
function draw(tables: readonly DrawnTable[], style: Style, shaped: (name: string) => string): Drawn {
  const { columns } = tables[0]!;
  const heads = columns.map((name) => shaped(printable(name)));
  const gap = gapAfter(tables, style);
  const bodies = tables.map(({ rows }) => rows.flatMap((row) => bodyRows(row, gap, style)));
  const grid = new Table({
    chars: onlyTheTop,
    style: { head: [], border: [] },
    colAligns: ['left', ...columns.map(() => 'right' as const)],
  });
  tables.forEach(({ title }, at) => grid.push(headRow([style.bold(title), ...heads], gap), ...bodies[at]!));
  const [rule = '', ...lines] = grid.toString().split('\n');
  const height = Math.max(...heads.map((head) => head.split('\n').length));
  const drawn = bodies.map((body) => {
    const ofTable = lines.splice(0, height + body.length).map((line) => line.trimEnd());
    return ofTable.toSpliced(height, 0, style.dim(rule)).join('\n');
  });
  return { text: drawn.join('\n\n'), width: rule.length };
}

interface Drawn {
  readonly text: string;
  readonly width: number;
}

/** Stands where another cell of the column may carry a star or a bracket, so that digits stay below each other. */
function gapAfter(tables: readonly DrawnTable[], style: Style): string {
  const cells = tables.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
  return !style.isColorSupported ||
    cells.some(({ interval, seeds, published }) => (interval ?? seeds ?? published) !== undefined)
    ? ' '
    : '';
}

const headRow = ([title, ...heads]: readonly string[], gap: string): Row =>
  [title!, ...heads.map((head) => head.replace(/$/gm, gap))].map((content) => ({ content, vAlign: 'bottom' }));

/** What was measured, and below it its intervals, or how seeds vary, and what was published, if there is any. */
function bodyRows({ detector, cells }: TableRow, gap: string, style: Style): Row[] {
  const measured = [printable(detector), ...cells.map((cell) => marked(cell, gap, style))];
  const below = [
    cells.map(({ interval, seeds }) => (interval ? ranged(interval) : seeds)),
    cells.map(({ published }) => published),
  ]
    .filter((line) => line.some((text) => text !== undefined))
    .map((line) => ['', ...line.map((text = '') => style.dim(text))]);
  return [measured, ...below];
}

/** In fewer columns than brackets take: `92.41–93.80`. */
const ranged = ({ low, high }: Interval) => `${percent(low)}–${percent(high)}`;

function marked({ text, best }: Cell, gap: string, style: Style): string {
  if (!best) return text + gap;
  return style.isColorSupported ? style.bold(style.green(text)) + gap : `${text}*`;
}

/** How long a line of a folded name may be, if its parts allow it. */
const longest = 9;

/** A name on as many lines as it takes to be narrow, broken after hyphens, underscores and blanks only. */
export function fold(name: string): string {
  const lines = [''];
  for (const part of name.split(/(?<=[-_ ])/)) {
    if (lines.at(-1) === '' || (lines.at(-1)! + part).length <= longest) lines.push(lines.pop()! + part);
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}
