import { printable, type Interval, type RunResults } from '@farout/core';
import Table from 'cli-table3';
import type { HorizontalTableRow as Row } from 'cli-table3';
import picocolors from 'picocolors';
import { footnotes, markNote } from './notes.ts';
import { idAccuracy, percent } from './numbers.ts';
import { shortfalls, type Shortfall } from './shortfalls.ts';
import { metricTables, type Cell, type MetricTable, type TableRow, type TableSource } from './tables.ts';

/** The terminal a table is printed to. */
export interface Terminal {
  /** Whether to mark the best numbers by colour; otherwise by a star. */
  readonly colour: boolean;
  /** Columns of the terminal. Tables that are too wide are split into blocks. */
  readonly width: number;
}

/**
 * A run as text for a terminal: ID accuracy, one table per metric in percent, notes on the metrics, and shortfalls. Ends with a line
 * break.
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

/** Colour functions, or functions of the same names that return the text unchanged. */
export type Style = ReturnType<typeof picocolors.createColors>;

/** The style for a terminal with or without colour. */
export const styleFor = (colour: boolean): Style => picocolors.createColors(colour);

/** The notes below the tables: units, directions, marks, and what the metrics mean. */
export function legend(shown: TableSource, style: Style): string {
  const marks = style.isColorSupported
    ? undefined
    : ([
        '; * marks the best of a column',
        '; * marks numbers not distinguishable from the best on these images',
      ] as const);
  const star = marks && markNote(shown, ...marks);
  const lines = [`All numbers in percent; ↓ lower is better, ↑ higher is better${star ?? ''}.`, ...footnotes(shown)];
  return lines.map((line) => style.dim(printable(line))).join('\n');
}

/** The parts of a table that are drawn. */
type DrawnTable = Pick<MetricTable, 'title' | 'columns' | 'rows'>;

/**
 * Draws the tables below each other with aligned columns. If they are wider than `width`, intervals are omitted. If that is not enough,
 * long column names are folded, and the columns are split into as few blocks as fit.
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

/** Splits the tables into blocks of `size` columns. */
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

/** Draws all tables as one, so the library aligns their columns, then inserts the rule below every heading. */
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

/** Filler where another cell of the column may have a star or a bracket, so digits stay aligned. */
function gapAfter(tables: readonly DrawnTable[], style: Style): string {
  const cells = tables.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
  return !style.isColorSupported ||
    cells.some(({ interval, seeds, published }) => (interval ?? seeds ?? published) !== undefined)
    ? ' '
    : '';
}

const headRow = ([title, ...heads]: readonly string[], gap: string): Row =>
  [title!, ...heads.map((head) => head.replace(/$/gm, gap))].map((content) => ({ content, vAlign: 'bottom' }));

/** The measured numbers; below them intervals or the spread over seeds, then published numbers, if there are any. */
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

/** Narrower than brackets: `92.41–93.80`. */
const ranged = ({ low, high }: Interval) => `${percent(low)}–${percent(high)}`;

function marked({ text, best }: Cell, gap: string, style: Style): string {
  if (!best) return text + gap;
  return style.isColorSupported ? style.bold(style.green(text)) + gap : `${text}*`;
}

/** Preferred maximum width of a line in a folded name. */
const longest = 9;

/** Folds a name into narrow lines, breaking only after hyphens, underscores and spaces. */
export function fold(name: string): string {
  const lines = [''];
  for (const part of name.split(/(?<=[-_ ])/)) {
    if (lines.at(-1) === '' || (lines.at(-1)! + part).length <= longest) lines.push(lines.pop()! + part);
    else lines.push(part);
  }
  return lines.map((line) => line.trimEnd()).join('\n');
}
