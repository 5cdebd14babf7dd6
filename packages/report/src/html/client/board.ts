/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { PageData } from './page-data.ts';
import { passes, type Choice } from './state.ts';

/** Makes the heads of tables sort their rows, and begins with the best of the first. */
export function startBoard(data: PageData): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('table.metric th button')) {
    button.addEventListener('click', () => sortBy(button.closest('th')!));
  }
  for (const { name, better } of data.metrics) {
    const head = tableOf(name)?.querySelector<HTMLTableCellElement>('thead th:nth-child(2)');
    if (head) sortBy(head, better === 'higher');
  }
}

export function tableOf(metric: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`#results [data-metric="${CSS.escape(metric)}"]`);
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

/** Shows the chosen metric's tables alone, and of them the rows that pass. */
export function showBoard(data: PageData, choice: Choice): void {
  for (const [at, { name }] of data.metrics.entries()) {
    for (const table of document.querySelectorAll<HTMLElement>(`[data-metric="${CSS.escape(name)}"]`))
      table.hidden = at !== choice.metric;
  }
  for (const row of document.querySelectorAll<HTMLTableRowElement>('table.metric tbody tr'))
    row.hidden = !passes(data, choice, Number(row.dataset.detector));
}

/** Of many details the reader chooses the one that is shown. */
export function startFolds(folds: HTMLElement): void {
  const all = [...folds.querySelectorAll<HTMLDetailsElement>(':scope > details')];
  if (all.length < 5) return;
  const select = document.createElement('select');
  for (const [at, each] of all.entries()) {
    const name = each.querySelector('summary')!.textContent;
    select.append(new Option(name, String(at), each.open, each.open));
  }
  const show = () => all.forEach((each, at) => (each.hidden = !(each.open = String(at) === select.value)));
  select.addEventListener('change', show);
  show();
  const label = document.createElement('label');
  label.append('Detector ', select);
  const line = document.createElement('p');
  line.className = 'controls';
  line.append(label);
  folds.prepend(line);
}
