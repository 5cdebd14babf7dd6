/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { percentOf } from './draw.ts';
import { element, headOf, scrolling } from './regions.ts';
import type { PageData } from './page-data.ts';
import { columnOf, metricOf, rankedOf, type Choice } from './state.ts';
import { differencesOf, gainText, pText, signed, verdictOf } from './tests.ts';

/** Updates the comparison with the reader's baseline, in the headline's table and in the table of all rows. */
export function showComparison(data: PageData, choice: Choice): void {
  const baseline = data.detectors[choice.baseline]!;
  for (const place of document.querySelectorAll('.baseline')) place.textContent = baseline;
  for (const cell of document.querySelectorAll<HTMLElement>('.gain')) {
    cell.textContent = gainOf(cell, data, choice);
    cell.dataset.head = `against ${baseline}`;
  }
  const place = document.getElementById('differences-table');
  place?.replaceChildren(comparisonTable(data, choice));
  const said = document.getElementById('compared');
  if (said) said.textContent = comparedText(data, choice);
}

export function comparedText(data: PageData, choice: Choice): string {
  const { compared } = columnOf(data, choice);
  const what = `${metricOf(data, choice).label} on ${data.columns[choice.column]!}`;
  if (compared === 0) return `${what}: this run did not test differences.`;
  return `${what}: ${compared} rows were compared on the same images by two-sided tests; p values are Holm-adjusted for ${compared - 1} comparisons.`;
}

export function gainOf(cell: HTMLElement, data: PageData, choice: Choice): string {
  const name = cell.closest<HTMLElement>('[data-metric]')!.dataset.metric;
  const metric = data.metrics.find((each) => each.name === name)!;
  const column = metric.columns[Number(cell.dataset.column)]!;
  const detector = data.detectors.indexOf(cell.dataset.detector!);
  if (detector === choice.baseline) return 'it is the baseline';
  const found = differencesOf(column, choice.baseline).find((each) => each.detector === detector);
  return found ? gainText(found, metric.better) : '—';
}

export function comparisonTable(data: PageData, choice: Choice): HTMLElement {
  const { better } = metricOf(data, choice);
  const column = columnOf(data, choice);
  const differences = new Map(differencesOf(column, choice.baseline).map((each) => [each.detector, each]));
  const rows = rankedOf(data, choice).map((detector) => {
    const found = differences.get(detector);
    const words = [data.detectors[detector]!, percentOf(column.values[detector]!)];
    if (!found) return [...words, '—', '—', '—', detector === choice.baseline ? 'baseline' : 'not compared'];
    const half = 1.959964 * found.error;
    const interval = found.error > 0 ? `${signed(found.difference - half)} to ${signed(found.difference + half)}` : '—';
    return [...words, signed(found.difference), interval, pText(found.adjusted), verdictOf(found, better)];
  });
  const heads = ['detector', '%', 'points', '95 % interval', 'Holm p', 'verdict'];
  const body = rows.map((words) =>
    element(
      'tr',
      words.map((word) => element('td', [word])),
    ),
  );
  return scrolling(`Against ${data.detectors[choice.baseline]!}`, 'tall', headOf(heads), body);
}
