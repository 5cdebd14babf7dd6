import { printable, type RunResults } from '@farout/core';
import { type Chart, chartOf } from './chart.ts';
import { html, type Markup } from './markup.ts';

/** How many lines of a chart differ by colour; those beyond by dashes too. */
const colours = 8;
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]] as const;
/** More lines than anybody could tell apart. */
const most = colours * dashes.length;

const indexes = Array.from({ length: most }, (_, index) => index);
const colourOf = (index: number) => `var(--line-${(index % colours) + 1})`;
const dashOf = (index: number) => dashes[Math.floor(index / colours) % dashes.length]!;

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
    <li><span class="swatch id"></span>ID: ${idSet(results)}</li>
    <li><span class="swatch ood"></span>OOD</li>
    ${threshold && html`<li><span class="swatch threshold"></span>${threshold}</li>`}
  </ul>`;

/** The name of the run's ID set. */
const idSet = ({ datasets }: RunResults): string =>
  Object.entries(datasets).find(([, { roles }]) => roles.includes('id'))?.[0] ?? '';

/** Histograms of scores, ID and OOD, and the threshold that 95 % of the ID images reach. `shares`: set, from, share; `threshold`: at. */
export const scoreHistogram = chartOf({
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
});

/** ROC curves of detectors and the line of chance. `points`: line, order, x, y; `chance`: x, y. */
export const rocChart = chartOf({
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
});

/** Mean activation of every unit, a standard deviation to both sides, ID and OOD. `units`: set, unit, mean, low, high; `low`, `high`: ends of the axis. */
export const unitChart = chartOf({
  width: 250,
  height: 150,
  data: { name: 'units' },
  params: [
    { name: 'bottom', value: 0 },
    { name: 'top', value: 1 },
  ],
  encoding: {
    x: { field: 'unit', type: 'quantitative', title: 'unit, by its mean on ID', scale: { nice: false, zero: false } },
    y: {
      type: 'quantitative',
      title: 'activation',
      scale: { domainMin: { expr: 'bottom' }, domainMax: { expr: 'top' }, zero: false },
    },
  },
  layer: [
    {
      mark: { type: 'area', opacity: 0.25, clip: true },
      encoding: { y: { field: 'low', type: 'quantitative' }, y2: { field: 'high' }, color: setScale },
    },
    {
      mark: { type: 'line', strokeWidth: 1.6, clip: true },
      encoding: { y: { field: 'mean', type: 'quantitative' }, color: setScale },
    },
  ],
});

/** Histogram of all activations of a set, over images and units, and the threshold c. `shares`: set, from, share; `threshold`: at. */
export const pooledChart = chartOf({
  width: 250,
  height: 150,
  layer: [
    {
      data: { name: 'shares' },
      mark: { type: 'line', interpolate: 'step-after', strokeWidth: 1.4 },
      encoding: {
        x: { field: 'from', type: 'quantitative', title: 'activation', scale: { zero: false, nice: false } },
        y: {
          field: 'share',
          type: 'quantitative',
          title: 'share',
          scale: { type: 'log' },
          axis: { format: '.1~p' },
        },
        color: setScale,
      },
    },
    {
      data: { name: 'threshold' },
      mark: { type: 'rule', color: 'var(--ink)', strokeDash: [4, 3] },
      encoding: { x: { field: 'at', type: 'quantitative' } },
    },
  ],
});

/** The chart of a metric in percent against a parameter, a line for each OOD set, and the value in use. `points`: line, x, y; `chosen`: at. */
export const sweepChart = (metric: string, parameter: string): Chart =>
  chartOf({
    width: 250,
    height: 180,
    layer: [
      {
        data: { name: 'points' },
        mark: { type: 'line', strokeWidth: 1.6 },
        encoding: {
          x: { field: 'x', type: 'quantitative', title: parameter, scale: { zero: false, nice: false } },
          y: { field: 'y', type: 'quantitative', title: `${metric}, %`, scale: { zero: false } },
          ...lineScales,
        },
      },
      {
        data: { name: 'chosen' },
        mark: { type: 'rule', color: 'var(--ink)', strokeDash: [4, 3] },
        encoding: { x: { field: 'at', type: 'quantitative' } },
      },
    ],
  });

/** Lines over common axes. `points`: line, order, x, y. */
export const lineChart = (x: string, y: string): Chart =>
  chartOf({
    width: 250,
    height: 180,
    data: { name: 'points' },
    mark: { type: 'line', strokeWidth: 1.6 },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: printable(x), scale: { zero: false, nice: false } },
      y: { field: 'y', type: 'quantitative', title: printable(y), scale: { zero: false } },
      order: { field: 'order', type: 'quantitative' },
      ...lineScales,
    },
  });
