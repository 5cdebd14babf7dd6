import Table, { type HorizontalTableRow as Row } from 'cli-table3';
import { fold } from './fold.ts';
import type { Cell, MetricTable } from './metric-tables.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/**
 * The tables below each other, their columns aligned. Where they are wider than `width`, long names of columns are folded;
 * where that does not suffice, the columns are dealt to as few blocks as stay within it.
 */
export function drawTables(tables: readonly MetricTable[], width: number, style: Style): string[] {
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
function dealt(tables: readonly MetricTable[], size: number): MetricTable[][] {
  const blocks: MetricTable[][] = [];
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
function draw(tables: readonly MetricTable[], style: Style, shaped: (name: string) => string): Drawn {
  const { columns, rows } = tables[0]!;
  const heads = columns.map((name) => shaped(printable(name)));
  const grid = new Table({
    chars: onlyTheTop,
    style: { head: [], border: [] },
    colAligns: ['left', ...columns.map(() => 'right' as const)],
  });
  for (const table of tables) grid.push(headRow(table, heads, style), ...bodyRows(table, style));
  const [rule = '', ...lines] = grid.toString().split('\n');
  const height = Math.max(...heads.map((head) => head.split('\n').length));
  const text = lines.flatMap((drawn, line) => {
    const at = line % (height + rows.length);
    const before = at === 0 && line > 0 ? [''] : [];
    return [...before, drawn.trimEnd(), ...(at === height - 1 ? [style.dim(rule)] : [])];
  });
  return { text: text.join('\n'), width: rule.length };
}

interface Drawn {
  readonly text: string;
  readonly width: number;
}

function headRow({ title }: MetricTable, heads: readonly string[], style: Style): Row {
  const cells = [style.bold(title), ...heads.map((head) => head.replace(/$/gm, beside(style)))];
  return cells.map((content) => ({ content, vAlign: 'bottom' }));
}

const bodyRows = ({ rows }: MetricTable, style: Style): Row[] =>
  rows.map(({ detector, cells }) => [printable(detector), ...cells.map((cell) => marked(cell, style))]);

/** Stands where another cell of the column may carry a star, so that digits stay below each other. */
const beside = (style: Style) => (style.isColorSupported ? '' : ' ');

function marked({ text, best }: Cell, style: Style): string {
  if (!best) return text + beside(style);
  return style.isColorSupported ? style.bold(style.green(text)) : `${text}*`;
}
