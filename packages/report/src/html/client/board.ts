/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { PageData } from './page-data.ts';
import { metricOf, passes, type Choice } from './state.ts';

/** Makes column headings sort their table. */
export function startBoard(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('table.metric th button')) {
    button.addEventListener('click', () => sortBy(button.closest('th')!));
  }
}

/** Sorts every table by a column, best first. */
export function sortByColumn({ metrics }: PageData, column: number): void {
  for (const { name, better } of metrics) {
    const table = `#results [data-metric="${CSS.escape(name)}"]`;
    const head = document.querySelector<HTMLTableCellElement>(`${table} th[data-column="${column}"]`);
    if (head) sortBy(head, better === 'higher');
  }
}

/** Sorts ascending, or descending if it was ascending. Compares names as text, numbers numerically; missing numbers come last. */
export function sortBy(head: HTMLTableCellElement, descending = head.getAttribute('aria-sort') === 'ascending'): void {
  const table = head.closest('table')!;
  for (const other of table.querySelectorAll('thead th')) other.setAttribute('aria-sort', 'none');
  head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
  const body = table.tBodies[0]!;
  const rows = [...body.rows].sort((a, b) =>
    compareCells(a.cells[head.cellIndex]!, b.cells[head.cellIndex]!, descending),
  );
  body.append(...rows);
}

export function compareCells(a: HTMLTableCellElement, b: HTMLTableCellElement, descending: boolean): number {
  const sign = descending ? -1 : 1;
  if (a.dataset.value === undefined) return sign * a.innerText.localeCompare(b.innerText);
  const [x, y] = [Number(a.dataset.value), Number(b.dataset.value)];
  if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
  return sign * (x - y);
}

/** Shows elements of the chosen metric (and column, if they have one), and the table rows that pass the filters. */
export function showBoard(data: PageData, choice: Choice): void {
  const { name } = metricOf(data, choice);
  for (const each of document.querySelectorAll<HTMLElement>('[data-metric]')) {
    const { metric, column = String(choice.column) } = each.dataset;
    each.hidden = metric !== name || column !== String(choice.column);
  }
  for (const pick of document.querySelectorAll<HTMLElement>('.pick'))
    pick.setAttribute('aria-pressed', String(pick.dataset.pick === String(choice.column)));
  for (const row of document.querySelectorAll<HTMLTableRowElement>('table.metric tbody tr'))
    row.hidden = !passes(data, choice, Number(row.dataset.detector));
}

/** Makes links open their target section and show the detector they name. */
export function startLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
    link.addEventListener('click', () => {
      openPart(link.hash);
      if (link.dataset.detector !== undefined) showDetector(link.dataset.detector);
    });
  }
}

/** Opens a collapsed section of the page. */
export function openPart(hash: string): void {
  const part = hash === '' ? null : document.getElementById(hash.slice(1))?.querySelector<HTMLDetailsElement>('.part');
  if (part) part.open = true;
}

/** Collapses all sections in narrow windows, where a page with many charts gets very long. */
export function foldParts(): void {
  if (innerWidth > 640) return;
  for (const part of document.querySelectorAll<HTMLDetailsElement>('.part')) part.open = false;
  openPart(location.hash);
}

/** With five or more entries, adds a list to choose the one shown. */
export function startFolds(folds: HTMLElement): void {
  const all = foldsIn(folds);
  if (all.length < 5) return;
  const select = document.createElement('select');
  for (const [at, each] of all.entries()) {
    const name = each.querySelector('summary')!.textContent;
    select.append(new Option(name, String(at), each.open, each.open));
  }
  select.addEventListener('change', () => {
    showFold(folds, Number(select.value));
    showDetector(detectorsOf(all[Number(select.value)]!)[0]!);
  });
  const label = document.createElement('label');
  label.append('Detector ', select);
  const line = document.createElement('p');
  line.className = 'controls';
  line.append(label);
  folds.prepend(line);
  showFold(folds, Number(select.value));
}

export function foldsIn(folds: HTMLElement): HTMLDetailsElement[] {
  return [...folds.querySelectorAll<HTMLDetailsElement>(':scope > details')];
}

export function detectorsOf(fold: HTMLElement): string[] {
  return JSON.parse(fold.dataset.detectors!) as string[];
}

/** Opens one of several entries; if they have a list to choose from, hides the others. */
export function showFold(folds: HTMLElement, shown: number): void {
  const all = foldsIn(folds);
  const select = folds.querySelector<HTMLSelectElement>(':scope > .controls select');
  if (select) {
    select.value = String(shown);
    for (const [at, each] of all.entries()) each.hidden = !(each.open = at === shown);
  } else all[shown]!.open = true;
}

/** Shows a detector in every section that shows one at a time; sections without it stay unchanged. */
export function showDetector(detector: string): void {
  for (const folds of document.querySelectorAll<HTMLElement>('.folds')) {
    const at = foldsIn(folds).findIndex((each) => detectorsOf(each).includes(detector));
    if (at >= 0) showFold(folds, at);
  }
  const histograms = document.getElementById('histogram-choice') as HTMLSelectElement | null;
  const option = [...(histograms?.options ?? [])].find(({ text }) => text === detector);
  if (!option || option.selected) return;
  option.selected = true;
  histograms!.dispatchEvent(new Event('change'));
}
