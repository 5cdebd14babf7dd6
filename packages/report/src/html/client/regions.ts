/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

export function element(name: string, inside: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(name);
  made.append(...inside);
  return made;
}

export function headOf(names: readonly string[]): HTMLElement {
  const heads = names.map((name) => {
    const head = element('th', [element('span', [name])]);
    head.setAttribute('scope', 'col');
    return head;
  });
  return element('thead', [element('tr', heads)]);
}

/** A table in its own scrolling box, which is reachable by keyboard. */
export function scrolling(
  title: string,
  kind: string,
  head: HTMLElement,
  rows: readonly HTMLElement[],
  foot: readonly HTMLElement[] = [],
): HTMLElement {
  const box = element('div', [element('table', [head, element('tbody', rows), ...foot])]);
  box.className = `scroll ${kind}`;
  box.tabIndex = 0;
  box.setAttribute('role', 'region');
  box.setAttribute('aria-label', title);
  return box;
}

/** Sizes the box of the results table so that it ends with a whole row. */
export function fitRows(): void {
  for (const box of document.querySelectorAll<HTMLElement>('#results .scroll')) {
    box.style.maxHeight = '';
    if (box.scrollHeight <= box.clientHeight) continue;
    const [top, bars] = [box.getBoundingClientRect().top - box.scrollTop, box.offsetHeight - box.clientHeight];
    const ends = [...box.querySelectorAll('tbody tr')].map((row) => row.getBoundingClientRect().bottom - top);
    const last = ends.findLast((end) => end <= box.clientHeight);
    if (last) box.style.maxHeight = `${last + bars}px`;
  }
}

/** Adds a scrolling hint above each box that is smaller than its table. */
export function showHints(): void {
  fitRows();
  const boxes = [...document.querySelectorAll<HTMLElement>('.scroll')];
  const texts = boxes.map(hintFor);
  for (const [at, box] of boxes.entries()) {
    const text = texts[at]!;
    const before = box.previousElementSibling;
    const hint = before?.className === 'hint' ? (before as HTMLElement) : element('p', []);
    hint.className = 'hint';
    hint.textContent = text;
    hint.hidden = text === '';
    if (hint !== before && text !== '') box.before(hint);
  }
}

export function hintFor(box: HTMLElement): string {
  const sideways = box.scrollWidth > box.clientWidth + 1;
  const down = box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).maxHeight !== 'none';
  if (sideways && down) return 'Scroll sideways for more columns, and down for more rows.';
  if (sideways) return 'Scroll sideways for more columns.';
  return down ? 'Scroll down for more rows.' : '';
}
