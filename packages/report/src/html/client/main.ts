/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { showBoard, startBoard, startFolds } from './board.ts';
import { startCurves } from './curves.ts';
import { showComparison } from './comparison.ts';
import { showCharts } from './overview.ts';
import type { PageData } from './page-data.ts';
import { firstChoice, type Choice } from './state.ts';

/** What runs in the page: reads its data, shows what needs a script, and draws again what the reader's choices change. */
export function main(): void {
  const data = JSON.parse(document.getElementById('data')!.textContent) as PageData;
  for (const folds of document.querySelectorAll<HTMLElement>('.folds')) startFolds(folds);
  if (data.detectors.length === 0) return;
  const choice = firstChoice(data);
  for (const element of document.querySelectorAll<HTMLElement>('.scripted')) element.hidden = false;
  for (const element of document.querySelectorAll('.unscripted')) element.remove();
  startBoard(data);
  startCurves(data, choice);
  listen(choice, () => show(data, choice));
  let width = innerWidth;
  addEventListener('resize', () => {
    if (innerWidth !== width) showCharts(data, choice);
    width = innerWidth;
  });
  show(data, choice);
}

export function show(data: PageData, choice: Choice): void {
  showBoard(data, choice);
  showCharts(data, choice);
  showComparison(data, choice);
}

export function listen(choice: Choice, changed: () => void): void {
  on('metrics', 'change', ({ value }) => (choice.metric = Number(value)));
  on('column', 'change', ({ value }) => (choice.column = Number(value)));
  on('baseline', 'change', ({ value }) => (choice.baseline = Number(value)));
  on('find', 'input', ({ value }) => (choice.name = value.toLowerCase()));
  on('families', 'change', ({ value, checked }) => choice.hidden[checked ? 'delete' : 'add'](value));

  function on(id: string, event: string, choose: (input: HTMLInputElement) => void): void {
    document.getElementById(id)?.addEventListener(event, ({ target }) => {
      choose(target as HTMLInputElement);
      changed();
    });
  }
}
