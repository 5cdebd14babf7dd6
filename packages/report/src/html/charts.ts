import type { RunResults } from '@farout/core';
import type { TopLevelSpec } from 'vega-lite';
import { comparedSets } from '../best.ts';
import { html, type Markup } from './markup.ts';

/** How many lines of a chart differ by colour; those beyond by dashes too. */
const colours = 8;
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]] as const;
/** More lines than anybody could tell apart. */
const most = colours * dashes.length;

const indexes = Array.from({ length: most }, (_, index) => index);
/** The colour of the line of this index. */
export const colourOf = (index: number) => `var(--line-${(index % colours) + 1})`;
/** Its dashes: none, or lengths of line and gap. */
export const dashOf = (index: number) => dashes[Math.floor(index / colours) % dashes.length]!;

/** Colour and dashes by the field `line`, the index of a line. */
const lineScales = {
  color: { field: 'line', type: 'nominal', scale: { domain: indexes, range: indexes.map(colourOf) }, legend: null },
  strokeDash: {
    field: 'line',
    type: 'nominal',
    scale: { domain: indexes, range: indexes.map((index) => [...dashOf(index)]) },
    legend: null,
  },
} as const;

/** Colour by the field `set`, "ID" or "OOD". */
const setScale = {
  field: 'set',
  scale: { domain: ['ID', 'OOD'], range: ['var(--id)', 'var(--ood)'] },
  legend: null,
};

/** The names of a chart's lines, each beside a piece of its line. */
export const lineLegend = (names: readonly string[]): Markup =>
  html`<ul class="legend">
    ${names.map(
      (name, index) =>
        html`<li>
          <svg viewBox="0 0 28 10" width="28" height="10" aria-hidden="true">
            <path
              d="M0 5H28"
              stroke="${colourOf(index)}"
              stroke-width="2.5"
              stroke-dasharray="${dashOf(index).join(' ')}"
            />
          </svg>
          ${name}
        </li>`,
    )}
  </ul>`;

/** The legend of charts that compare the ID set with an OOD set. */
export const setLegend = (results: RunResults, threshold?: string): Markup =>
  html`<ul class="legend">
    <li><span class="swatch id"></span>ID: ${idSets(results)}</li>
    <li><span class="swatch ood"></span>OOD</li>
    ${threshold && html`<li><span class="swatch threshold"></span>${threshold}</li>`}
  </ul>`;

/** The names of the run's ID sets. */
const idSets = ({ datasets }: RunResults): string =>
  comparedSets(datasets).find(({ role }) => role === 'id')?.set ?? '';

/** Histograms of scores, ID and OOD, and the threshold that 95 % of the ID images reach. `shares`: set, from, share; `threshold`: at. */
export const scoreHistogram: TopLevelSpec = {
  width: 250,
  height: 150,
  layer: [
    {
      data: { name: 'shares' },
      mark: { type: 'area', interpolate: 'step-after', fillOpacity: 0.3, strokeWidth: 1.2 },
      encoding: {
        x: { field: 'from', type: 'quantitative', title: 'score', scale: { zero: false, nice: false } },
        y: { field: 'share', type: 'quantitative', title: 'share of images', stack: null, axis: { format: '~%' } },
        fill: setScale,
        stroke: setScale,
      },
    },
    {
      data: { name: 'threshold' },
      mark: { type: 'rule', color: 'var(--ink)', strokeDash: [4, 3] },
      encoding: { x: { field: 'at', type: 'quantitative' } },
    },
  ],
};

/** ROC curves of detectors and the line of chance. `points`: line, order, x, y; `chance`: x, y. */
export const rocChart: TopLevelSpec = {
  width: 250,
  height: 250,
  layer: [
    {
      data: { name: 'chance' },
      mark: { type: 'line', color: 'var(--axis)', strokeWidth: 1, strokeDash: [2, 3] },
      encoding: {
        x: { field: 'x', type: 'quantitative', title: 'OOD images accepted (FPR)', axis: { format: '~%' } },
        y: { field: 'y', type: 'quantitative', title: 'ID images accepted (TPR)', axis: { format: '~%' } },
      },
    },
    {
      data: { name: 'points' },
      mark: { type: 'line', strokeWidth: 1.6, strokeJoin: 'round' },
      encoding: {
        x: { field: 'x', type: 'quantitative' },
        y: { field: 'y', type: 'quantitative' },
        order: { field: 'order', type: 'quantitative' },
        ...lineScales,
      },
    },
  ],
};
