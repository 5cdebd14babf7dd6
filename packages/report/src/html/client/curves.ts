/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { shape } from './draw.ts';
import type { PageData } from './page-data.ts';
import { histogramPlot, lineColour, rocPlot } from './plots.ts';
import { rankedOf, type Choice } from './state.ts';

/** Lets the reader choose whose curves are shown, at first those of the best, and whose histograms. */
export function startCurves(data: PageData, choice: Choice): void {
  const best = rankedOf(data, choice);
  const drawn = new Set(data.curves.map(({ detector }) => detector));
  const shown = best.filter((detector) => drawn.has(detector)).slice(0, 5);
  const place = document.getElementById('curve-choice');
  const others = [...drawn].filter((detector) => detector >= 0 && !best.includes(detector));
  for (const detector of [...best.filter((each) => drawn.has(each)), ...others]) {
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.value = String(detector);
    box.checked = shown.includes(detector);
    const label = document.createElement('label');
    label.append(box, data.detectors[detector]!);
    place?.append(label);
  }
  place?.addEventListener('change', () => showCurves(data));
  const select = document.getElementById('histogram-choice') as HTMLSelectElement | null;
  const scored = new Set(data.histograms.map(({ detector }) => detector));
  for (const detector of best.concat(others)) {
    if (scored.has(detector)) select?.append(new Option(data.detectors[detector], String(detector)));
  }
  select?.addEventListener('change', () => showHistograms(data));
}

/** The curves of the chosen detectors, a picture for each set. */
export function showCurves(data: PageData): void {
  const place = document.getElementById('curves');
  if (!place) return;
  const boxes = [...document.querySelectorAll<HTMLInputElement>('#curve-choice input:checked')];
  const chosen = boxes.map(({ value }) => Number(value));
  const sets = [...new Set(data.curves.map(({ column }) => column))];
  const pictures = sets.map((column) => {
    const curves = chosen.flatMap(
      (detector) => data.curves.find((each) => each.detector === detector && each.column === column) ?? [],
    );
    const set = data.columns[column]!;
    return captioned(
      set,
      rocPlot(`ROC curves on ${set}: ${chosen.map((each) => data.detectors[each]!).join(', ')}`, 300, curves),
    );
  });
  place.replaceChildren(...pictures);
  const items = chosen.map((detector, at) => {
    const item = document.createElement('li');
    const line = shape('path', {
      d: 'M0 5H28',
      stroke: lineColour(at),
      'stroke-width': 2.5,
      'stroke-dasharray': at < 8 ? 'none' : '6 3',
    });
    item.append(
      shape('svg', { viewBox: '0 0 28 10', width: 28, height: 10, 'aria-hidden': 'true' }, line),
      data.detectors[detector]!,
    );
    return item;
  });
  document.getElementById('curve-legend')!.replaceChildren(...items);
}

/** The histograms of one detector's scores, a picture for each set. */
export function showHistograms(data: PageData): void {
  const place = document.getElementById('histograms');
  const detector = Number((document.getElementById('histogram-choice') as HTMLSelectElement | null)?.value);
  const pictures = data.histograms
    .filter((each) => each.detector === detector)
    .map((each) => {
      const set = data.columns[each.column]!;
      const title = `Scores of ${data.detectors[detector]!}: ID and ${set}`;
      return captioned(set, histogramPlot(title, 300, each, data.thresholds[detector] ?? null));
    });
  place?.replaceChildren(...pictures);
}

export function captioned(name: string, drawn: SVGElement): HTMLElement {
  const figure = document.createElement('figure');
  const caption = document.createElement('figcaption');
  caption.textContent = name;
  figure.append(caption, drawn);
  return figure;
}
