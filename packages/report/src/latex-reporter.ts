import { printable, type Reporter, type RunResults } from '@farout/core';
import { metricTables, type Cell, type MetricTable } from './metric-tables.ts';

/** Writes the tables for LaTeX, one `tabular` for each metric, best numbers bold, published ones in brackets. */
export const latexReporter: Reporter = { file: 'table.tex', render: latexTables };

function latexTables(results: RunResults): string {
  const preamble = '% Needs \\usepackage{booktabs}. All numbers in percent.';
  return `${[preamble, ...metricTables(results).map(tabular)].join('\n\n')}\n`;
}

function tabular({ title, columns, rows }: MetricTable): string {
  const body = rows.map(({ detector, cells }) => row([escaped(detector), ...cells.map(cell)]));
  return [
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '\\toprule',
    row([escaped(title), ...columns.map(escaped)]),
    '\\midrule',
    ...body,
    '\\bottomrule',
    '\\end{tabular}',
  ].join('\n');
}

const row = (cells: readonly string[]) => `${cells.join(' & ')} \\\\`;

const cell = ({ text, best, published }: Cell) =>
  [best ? `\\textbf{${escaped(text)}}` : escaped(text), published].filter((part) => part !== undefined).join(' ');

/** What LaTeX would read as its own. */
const commands: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
  '—': '---',
};

/** A name from outside as text. */
const escaped = (text: string) =>
  printable(text).replace(/[\\~^↑↓—]|[&%$#_{}]/g, (character) => commands[character] ?? `\\${character}`);
