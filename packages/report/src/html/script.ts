/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** What runs in the page, as it stands here: sorts tables by a column, and shows one convention of a metric at a time. */
export function pageScript(): void {
  for (const button of document.querySelectorAll<HTMLButtonElement>('table.metric th button')) {
    button.addEventListener('click', () => sortBy(button.closest('th')!));
  }
  for (const fieldset of document.querySelectorAll<HTMLFieldSetElement>('.switch')) {
    fieldset.hidden = false;
    fieldset.addEventListener('change', () => showConvention(fieldset));
    showConvention(fieldset);
  }

  /** Ascending at first, descending when it was ascending; names as names, numbers as numbers, what is absent last. */
  function sortBy(head: HTMLTableCellElement): void {
    const table = head.closest('table')!;
    const descending = head.getAttribute('aria-sort') === 'ascending';
    for (const other of table.querySelectorAll('thead th')) other.setAttribute('aria-sort', 'none');
    head.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const body = table.tBodies[0]!;
    const rows = [...body.rows].sort((a, b) => compare(a.cells[head.cellIndex]!, b.cells[head.cellIndex]!, descending));
    body.append(...rows);
  }

  function compare(a: HTMLTableCellElement, b: HTMLTableCellElement, descending: boolean): number {
    const sign = descending ? -1 : 1;
    if (a.dataset.value === undefined) return sign * a.innerText.localeCompare(b.innerText);
    const [x, y] = [Number(a.dataset.value), Number(b.dataset.value)];
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
    return sign * (x - y);
  }

  function showConvention(fieldset: HTMLFieldSetElement): void {
    for (const { value, checked } of fieldset.querySelectorAll<HTMLInputElement>('input')) {
      for (const table of document.querySelectorAll<HTMLElement>(`[data-metric="${CSS.escape(value)}"]`))
        table.hidden = !checked;
    }
  }
}
