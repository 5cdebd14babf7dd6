import { printable } from '@farout/core';
import { differences } from './differences.ts';
import { drawTables } from './terminal.ts';
import { idAccuracy } from './id-accuracy.ts';
import { incomparable } from './incomparable.ts';
import { legend } from './legend.ts';
import { mergeRuns } from './merge-runs.ts';
import { metricTables } from './tables.ts';
import type { NamedRun } from './named-run.ts';
import { constantDetectors, notable } from './shortfalls.ts';
import { styleFor, type Style } from './style.ts';
import { listed, type Terminal } from './terminal-table.ts';

/**
 * Runs side by side as text for a terminal: one table per metric, a row for every detector of every run, how the experiments
 * differ, and what keeps their numbers from being compared. Ends with a line break.
 */
export function compareRuns(runs: readonly NamedRun[], { colour, width }: Terminal): string {
  const style = styleFor(colour);
  const merged = mergeRuns(runs);
  const rows = new Set(merged.results.map(({ detector }) => detector));
  const shownConstants = [...new Set(merged.constant)].filter((name) => rows.has(name));
  const tables = drawTables(metricTables(merged), width, style);
  const warnings = incomparable(runs).map((sentence) => style.yellow(printable(sentence)));
  const differing = differences(runs).map((line) => `  ${printable(line)}`);
  const sections = [
    accuracies(runs, style),
    ...(differing.length > 0 ? [[style.bold('The experiments differ in'), ...differing].join('\n')] : []),
    ...tables,
    ...(tables.length > 0 ? [legend(merged, style)] : []),
    ...constantDetectors({ constant: shownConstants }).map((shortfall) => listed(shortfall, style)),
    ...runs.flatMap(({ name, results }) =>
      notable(results).map(({ title, lines }) => listed({ title: `${name}: ${title}`, lines }, style)),
    ),
    ...(warnings.length > 0 ? [warnings.join('\n')] : []),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** The ID accuracy of each run: equal where backbone and ID set are. */
function accuracies(runs: readonly NamedRun[], style: Style): string {
  const widest = Math.max(...runs.map(({ name }) => printable(name).length));
  const lines = runs.map(({ name, results }) => {
    const { accuracy, set } = idAccuracy(results);
    return `${style.bold(printable(name).padEnd(widest))}  ID accuracy ${style.bold(accuracy)}  ${style.dim(printable(set))}`;
  });
  return lines.join('\n');
}
