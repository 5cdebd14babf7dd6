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

/** Leads from a detector's name to what a part of the page shows of it. */
export function startLinks(): void {
  for (const link of document.querySelectorAll<HTMLAnchorElement>('a[data-detector]')) {
    link.addEventListener('click', () => {
      const part = document.querySelector(link.hash)!;
      const select = part.querySelector('select');
      const option = [...(select?.options ?? [])].find(({ text }) => text === link.dataset.detector);
      if (option) {
        option.selected = true;
        select!.dispatchEvent(new Event('change'));
      }
      for (const each of part.querySelectorAll('details'))
        if (each.querySelector('summary')!.textContent === link.dataset.detector) each.open = true;
    });
  }
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
