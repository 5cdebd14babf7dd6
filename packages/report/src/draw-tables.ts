import Table from 'cli-table3';
import type { Cell, MetricTable } from './metric-tables.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';

/**
 * The tables below each other, their columns aligned. Where they are wider than `width`, the columns are dealt to as few
 * blocks as stay within it.
 */
export function drawTables(tables: readonly MetricTable[], width: number, style: Style): string[] {
  const most = tables[0]?.columns.length ?? 0;
  for (let blocks = 1; blocks <= most; blocks++) {
    const drawn = dealt(tables, Math.ceil(most / blocks)).map((block) => draw(block, style));
    if (blocks === most || drawn.every((block) => block.width <= width)) return drawn.map(({ text }) => text);
  }
  return [];
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
function draw(tables: readonly MetricTable[], style: Style): { text: string; width: number } {
  const { columns, rows } = tables[0]!;
  const grid = new Table({
    chars: onlyTheTop,
    style: { head: [], border: [] },
    colAligns: ['left', ...columns.map(() => 'right' as const)],
  });
  for (const table of tables) grid.push(...gridRows(table, style));
  const [rule = '', ...lines] = grid.toString().split('\n');
  const text = lines.flatMap((drawn, at) => {
    const isHead = at % (1 + rows.length) === 0;
    return [...(isHead && at > 0 ? [''] : []), drawn.trimEnd(), ...(isHead ? [style.dim(rule)] : [])];
  });
  return { text: text.join('\n'), width: rule.length };
}

const gridRows = ({ title, columns, rows }: MetricTable, style: Style): string[][] => [
  [style.bold(title), ...columns.map((name) => printable(name) + beside(style))],
  ...rows.map(({ detector, cells }) => [printable(detector), ...cells.map((cell) => marked(cell, style))]),
];

/** Stands where another cell of the column may carry a star, so that digits stay below each other. */
const beside = (style: Style) => (style.isColorSupported ? '' : ' ');

function marked({ text, best }: Cell, style: Style): string {
  if (!best) return text + beside(style);
  return style.isColorSupported ? style.bold(style.green(text)) : `${text}*`;
}
