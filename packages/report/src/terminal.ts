import { printable } from '@farout/core';
import Table, { type HorizontalTableRow as Row } from 'cli-table3';
import { fold } from './fold.ts';
import type { Cell, MetricTable, TableRow } from './tables.ts';
import type { Style } from './style.ts';

/** What is drawn of a table. */
type DrawnTable = Pick<MetricTable, 'title' | 'columns' | 'rows'>;

/**
 * The tables below each other, their columns aligned. Where they are wider than `width`, long names of columns are folded;
 * where that does not suffice, the columns are dealt to as few blocks as stay within it.
 */
export function drawTables(tables: readonly DrawnTable[], width: number, style: Style): string[] {
  if (tables.length === 0) return [];
  const whole = draw(tables, style, (name) => name);
  if (whole.width <= width) return [whole.text];
  const most = tables[0]!.columns.length;
  for (let blocks = 1; ; blocks++) {
    const drawn = dealt(tables, Math.ceil(most / blocks)).map((block) => draw(block, style, fold));
    if (blocks === most || drawn.every((block) => block.width <= width)) return drawn.map(({ text }) => text);
  }
}

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
  return !style.isColorSupported || cells.some(({ published }) => published !== undefined) ? ' ' : '';
}

const headRow = ([title, ...heads]: readonly string[], gap: string): Row =>
  [title!, ...heads.map((head) => head.replace(/$/gm, gap))].map((content) => ({ content, vAlign: 'bottom' }));

/** What was measured, and below it what was published, if anything was. */
function bodyRows({ detector, cells }: TableRow, gap: string, style: Style): Row[] {
  const measured = [printable(detector), ...cells.map((cell) => marked(cell, gap, style))];
  if (cells.every(({ published }) => published === undefined)) return [measured];
  return [measured, ['', ...cells.map(({ published = '' }) => style.dim(published))]];
}

function marked({ text, best }: Cell, gap: string, style: Style): string {
  if (!best) return text + gap;
  return style.isColorSupported ? style.bold(style.green(text)) + gap : `${text}*`;
}
