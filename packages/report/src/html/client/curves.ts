/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { showDetector } from './board.ts';
import { mounted, shape, type Shape } from './draw.ts';
import type { PageData } from './page-data.ts';
import { histogramPlot, lineColour, rocPlot } from './plots.ts';
import { rankedOf, type Choice } from './state.ts';

/** A picture and its caption. */
export interface Captioned {
  readonly caption: string;
  readonly drawn: Shape;
}

/** The detectors that have curves, best first; detectors without a number come last. */
export function withCurves(data: PageData, choice: Choice): number[] {
  return bestFirst(
    data,
    choice,
    data.curves.map(({ detector }) => detector),
  );
}

/** The detectors that have histograms, in the same order. */
export function withHistograms(data: PageData, choice: Choice): number[] {
  return bestFirst(
    data,
    choice,
    data.histograms.map(({ detector }) => detector),
  );
}

export function bestFirst(data: PageData, choice: Choice, detectors: readonly number[]): number[] {
  const there = new Set(detectors.filter((detector) => detector >= 0));
  const ranked = rankedOf(data, choice).filter((detector) => there.has(detector));
  return [...ranked, ...[...there].filter((detector) => !ranked.includes(detector))];
}

/** How many detectors have their curves shown initially. */
export function shownAtFirst(): number {
  return 5;
}

/** The ROC curves of the given detectors, one picture per set. */
export function rocPlots(data: PageData, detectors: readonly number[]): Captioned[] {
  const sets = [...new Set(data.curves.map(({ column }) => column))];
  const names = detectors.map((each) => data.detectors[each]!).join(', ');
  return sets.map((column) => {
    const curves = detectors.flatMap(
      (detector) => data.curves.find((each) => each.detector === detector && each.column === column) ?? [],
    );
    const caption = data.columns[column]!;
    return { caption, drawn: rocPlot(`ROC curves on ${caption}: ${names}`, 300, curves) };
  });
}

/** The score histograms of one detector, one picture per set. */
export function histogramPlots(data: PageData, detector: number): Captioned[] {
  return data.histograms
    .filter((each) => each.detector === detector)
    .map((each) => {
      const caption = data.columns[each.column]!;
      const title = `Scores of ${data.detectors[detector]!}: ID and ${caption}`;
      return { caption, drawn: histogramPlot(title, 300, each, data.thresholds[detector] ?? null) };
    });
}

/** The legend line of the curve at this index. */
export function legendLine(at: number): Shape {
  const stroke = { stroke: lineColour(at), 'stroke-width': 2.5, 'stroke-dasharray': at < 8 ? 'none' : '6 3' };
  const size = { viewBox: '0 0 28 10', width: 28, height: 10, 'aria-hidden': 'true' };
  return shape('svg', size, shape('path', { d: 'M0 5H28', ...stroke }));
}

/** Lets the reader choose whose curves and histograms are shown. Those of the best are already drawn. */
export function startCurves(data: PageData, choice: Choice): void {
  const place = document.getElementById('curve-choice');
  for (const [at, detector] of withCurves(data, choice).entries()) {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.value = String(detector);
    box.checked = at < shownAtFirst();
    const label = document.createElement('label');
    label.append(box, data.detectors[detector]!);
    place?.append(label);
  }
  place?.addEventListener('change', () => showCurves(data));
  const select = document.getElementById('histogram-choice') as HTMLSelectElement | null;
  for (const detector of withHistograms(data, choice)) {
    select?.append(new Option(data.detectors[detector], String(detector)));
  }
  select?.addEventListener('change', () => {
    putInto('histograms', histogramPlots(data, Number(select.value)));
    showDetector(data.detectors[Number(select.value)]!);
  });
}

/** Draws the curves of the checked detectors, in the order of the checkboxes. */
export function showCurves(data: PageData): void {
  const boxes = [...document.querySelectorAll<HTMLInputElement>('#curve-choice input:checked')];
  const chosen = boxes.map(({ value }) => Number(value));
  putInto('curves', rocPlots(data, chosen));
  const items = chosen.map((detector, at) => {
    const item = document.createElement('li');
    item.append(mounted(legendLine(at)), data.detectors[detector]!);
    return item;
  });
  document.getElementById('curve-legend')!.replaceChildren(...items);
}

export function putInto(id: string, pictures: readonly Captioned[]): void {
  const figures = pictures.map(({ caption, drawn }) => {
    const figure = document.createElement('figure');
    const name = document.createElement('figcaption');
    name.textContent = caption;
    figure.append(name, mounted(drawn));
    return figure;
  });
  document.getElementById(id)?.replaceChildren(...figures);
}
