/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { PageData } from './page-data.ts';
import { metricOf, passes, type Choice } from './state.ts';

/** Makes the heads of tables sort their rows. */
export function startBoard(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('table.metric th button')) {
    button.addEventListener('click', () => sortBy(button.closest('th')!));
  }
}

/** Begins each table with the best of a column. */
export function sortByColumn({ metrics }: PageData, column: number): void {
  for (const { name, better } of metrics) {
    const table = `#results [data-metric="${CSS.escape(name)}"]`;
    const head = document.querySelector<HTMLTableCellElement>(`${table} th[data-column="${column}"]`);
    if (head) sortBy(head, better === 'higher');
  }
}

/** Ascending at first, descending when it was ascending; names as names, numbers as numbers, what is absent last. */
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

/** Shows what is of the chosen metric, and where it is of one column, of the chosen one; and of tables the rows that pass. */
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

/** Opens what links lead to, and shows there the detector that they name. */
export function startLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')) {
    link.addEventListener('click', () => {
      openPart(link.hash);
      if (link.dataset.detector !== undefined) showDetector(link.dataset.detector);
    });
  }
}

/** Opens a section of the page that is folded up. */
export function openPart(hash: string): void {
  const part = hash === '' ? null : document.getElementById(hash.slice(1))?.querySelector<HTMLDetailsElement>('.part');
  if (part) part.open = true;
}

/** A page of many charts is long where it is narrow: there its sections lie folded up below their names. */
export function foldParts(): void {
  if (innerWidth > 640) return;
  for (const part of document.querySelectorAll<HTMLDetailsElement>('.part')) part.open = false;
  openPart(location.hash);
}

/** Of many details the reader chooses the one that is shown. */
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

/** Opens one of several folds; where the reader chooses among them, it alone is there. */
export function showFold(folds: HTMLElement, shown: number): void {
  const all = foldsIn(folds);
  const select = folds.querySelector<HTMLSelectElement>(':scope > .controls select');
  if (select) {
    select.value = String(shown);
    for (const [at, each] of all.entries()) each.hidden = !(each.open = at === shown);
  } else all[shown]!.open = true;
}

/** Shows a detector in all sections that show one at a time; one that lacks it stays as it is. */
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
