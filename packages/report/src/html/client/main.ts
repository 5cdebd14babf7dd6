/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { foldParts, showBoard, showDetector, sortByColumn, startBoard, startFolds, startLinks } from './board.ts';
import { startCurves } from './curves.ts';
import { showComparison } from './comparison.ts';
import { showCharts } from './overview.ts';
import type { PageData } from './page-data.ts';
import { showHints } from './regions.ts';
import { firstChoice, type Choice } from './state.ts';

/** Entry point of the page's script: reads the data, reveals what needs JavaScript, and redraws when choices change. */
export function main(): void {
  const data = JSON.parse(document.getElementById('data')!.textContent) as PageData;
  for (const folds of document.querySelectorAll<HTMLElement>('.folds')) startFolds(folds);
  if (data.detectors.length === 0) return;
  const choice = firstChoice(data);
  for (const element of document.querySelectorAll<HTMLElement>('.scripted')) element.hidden = false;
  for (const element of document.querySelectorAll('.unscripted')) element.remove();
  startBoard();
  startLinks();
  foldParts();
  sortByColumn(data, choice.column);
  startCurves(data, choice);
  listen(data, choice, () => show(data, choice));
  // Collapsed content has no size until it is opened.
  document.addEventListener(
    'toggle',
    ({ target }) => {
      if ((target as HTMLElement).className === 'part') showCharts(data, choice);
      showHints();
    },
    true,
  );
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== width) showCharts(data, choice);
    width = innerWidth;
    showHints();
  });
  show(data, choice);
}

export function show(data: PageData, choice: Choice): void {
  showBoard(data, choice);
  showCharts(data, choice);
  showComparison(data, choice);
  showHints();
}

/** Keeps all controls for the same choice in sync. */
export function listen(data: PageData, choice: Choice, changed: () => void): void {
  for (const place of document.querySelectorAll<HTMLElement>('[data-choice]')) {
    place.addEventListener('change', ({ target }) => {
      take(place.dataset.choice as 'metric' | 'column' | 'baseline', Number((target as HTMLInputElement).value));
    });
  }
  for (const pick of document.querySelectorAll<HTMLButtonElement>('.pick')) {
    pick.disabled = false;
    pick.addEventListener('click', () => {
      take('column', Number(pick.dataset.pick));
      document.querySelector('.finding:not([hidden])')?.scrollIntoView({ block: 'nearest' });
    });
  }
  on('find', 'input', ({ value }) => (choice.name = value.toLowerCase()));
  on('families', 'change', ({ value, checked }) => choice.hidden[checked ? 'delete' : 'add'](value));

  function take(kind: 'metric' | 'column' | 'baseline', chosen: number): void {
    choice[kind] = chosen;
    for (const other of document.querySelectorAll<HTMLElement>(`[data-choice="${kind}"]`)) choose(other, chosen);
    if (kind === 'column') sortByColumn(data, chosen);
    changed();
    const first = document.querySelector<HTMLElement>('.finding:not([hidden]) [data-detector]');
    if (kind !== 'baseline' && first) showDetector(first.dataset.detector!);
  }

  function on(id: string, event: string, use: (input: HTMLInputElement) => void): void {
    document.getElementById(id)?.addEventListener(event, ({ target }) => {
      use(target as HTMLInputElement);
      changed();
    });
  }
}

/** Sets a list or a group of radio buttons to the chosen value. */
export function choose(place: HTMLElement, chosen: number): void {
  if (place instanceof HTMLSelectElement) place.value = String(chosen);
  else place.querySelector<HTMLInputElement>(`[value="${chosen}"]`)!.checked = true;
}
