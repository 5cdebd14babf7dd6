import { printable, defineReporter, type RunResults } from '@farout/core';
import { footnotes, markNote } from './notes.ts';
import { bracketed, idAccuracy } from './numbers.ts';
import { shortfalls } from './shortfalls.ts';
import { metricTables, type Cell, type MetricTable } from './tables.ts';

/** Writes the run's tables as Markdown. */
export const markdownReporter = defineReporter({
  name: 'markdown',
  about: { summary: 'The tables as Markdown, with notes.' },
  file: 'table.md',
  render: markdownTable,
});

/** A run as Markdown: ID accuracy, one table per metric in percent with the best numbers in bold, notes and shortfalls. */
export function markdownTable(results: RunResults): string {
  const bold = [
    '; the best of each column is bold',
    '; bold: not distinguishable from the best on these images',
  ] as const;
  const { accuracy, set } = idAccuracy(results);
  const sections = [
    `# ${escaped(results.name)}`,
    `ID accuracy: **${accuracy}** (${escaped(set)})`,
    ...metricTables(results).map(table),
    `All numbers in percent; ↓ lower is better, ↑ higher is better${markNote(results, ...bold) ?? ''}.`,
    ...footnotes(results).map(escaped),
    ...shortfalls(results).map(({ title, lines }) => `## ${escaped(title)}\n\n${lines.map(item).join('\n')}`),
  ];
  return `${sections.join('\n\n')}\n`;
}

const item = (line: string) => `- ${escaped(line)}`;

/** Pads the cells, so the source is readable too. */
function table({ title, columns, rows }: MetricTable): string {
  const lines = [
    [title, ...columns.map(escaped)],
    ...rows.map(({ detector, cells }) => [escaped(detector), ...cells.map(cellText)]),
  ];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const [head, ...body] = lines.map((line) => row(line.map((cell, column) => padded(cell, column, widths[column]!))));
  const rule = row(widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [head, rule, ...body].join('\n');
}

const cellText = ({ text, best, interval, seeds, published }: Cell) =>
  [best ? `**${text}**` : text, interval && bracketed(interval), seeds, published]
    .filter((part) => part !== undefined)
    .join(' ');

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
const padded = (cell: string, column: number, width: number) =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

/** Escapes whatever Markdown or HTML would interpret in a name from outside. */
const escaped = (text: string) => printable(text).replace(/[\\`*_{}[\]<>&#|~]/g, '\\$&');
