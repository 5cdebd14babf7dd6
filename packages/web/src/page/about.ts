/// <reference lib="dom" />
import type { Description } from '@farout/verdict';
import { byId, countText, made, percent, scoreText } from './elements.ts';

/** Shows the description of the file below the verdicts. */
export function showAbout(description: Description, bytes: number): void {
  byId('about-facts').replaceChildren(...facts(description, bytes).map(fact));
  const { results } = description;
  if (results.length > 0) byId('results').replaceChildren(made('h2', {}, resultTitle), resultTable(results));
  byId('about').hidden = false;
}

function facts({ parts, preprocessing, idScores, labels, versions, hashes }: Description, bytes: number) {
  const { resize, crop, interpolation, sides } = preprocessing;
  return [
    ...parts.map(({ kind, name, params }) => [kind === 'hook' ? 'Hook' : 'Scorer', withParameters(name, params)]),
    [
      'Image',
      `${sides === 'both' ? 'both sides' : 'shorter side'} to ${resize}, ${interpolation}; centre crop ${crop} × ${crop}`,
    ],
    ['ID images', `${countText(idScores.count)}: ${Object.keys(hashes.id).join(', ')}`],
    ...(labels ? [['Classes', countText(labels.length)]] : []),
    ['File', `detector.onnx, ${(bytes / 1e6).toFixed(1)} MB`],
    [
      'Written by',
      Object.entries(versions)
        .map((each) => each.join(' '))
        .join(', '),
    ],
  ] as [string, string][];
}

const withParameters = (name: string, params: Readonly<Record<string, unknown>>): string => {
  const said = Object.entries(params).map(
    ([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return said.length > 0 ? `${name}: ${said.join(', ')}` : name;
};

const fact = ([name, value]: [string, string]) => made('div', {}, made('dt', {}, name), made('dd', {}, value));

const resultTitle = 'Results of the run on out-of-distribution images';

/** The results of the run: one row per OOD set, one column per metric. */
function resultTable(results: Description['results']): HTMLElement {
  const metrics = [...new Set(results.map(({ metric }) => metric))];
  const sets = [...new Set(results.map(({ ood }) => ood))];
  const cell = (ood: string, metric: string) => {
    const value = results.find((each) => each.ood === ood && each.metric === metric)?.value;
    const shown = value === undefined ? '–' : value >= 0 && value <= 1 ? percent(value) : scoreText(value);
    return made('td', {}, shown);
  };
  const table = made(
    'table',
    {},
    made(
      'thead',
      {},
      made(
        'tr',
        {},
        made('th', { scope: 'col' }, 'OOD set'),
        ...metrics.map((each) => made('th', { scope: 'col' }, each)),
      ),
    ),
    made(
      'tbody',
      {},
      ...sets.map((ood) =>
        made('tr', {}, made('th', { scope: 'row' }, ood), ...metrics.map((each) => cell(ood, each))),
      ),
    ),
  );
  return made('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': resultTitle }, table);
}
