import { printable, type ReportBlock, type ReportChart } from '@farout/core';
import type { TopLevelSpec } from 'vega-lite';
import type { ChartData, Draw } from './chart.ts';
import { dataTable, figure, figures, html, type Markup } from './markup.ts';

/** Draws the report blocks of plugins in the style of the page. `of` names their subject for screen readers. */
export const blocksMarkup = (blocks: readonly ReportBlock[], draw: Draw, of?: string): Promise<Markup[]> =>
  Promise.all(blocks.map((block) => blockMarkup(block, draw, of)));

async function blockMarkup(block: ReportBlock, draw: Draw, of: string | undefined): Promise<Markup> {
  if ('text' in block) return html`<p>${block.text}</p>`;
  if ('note' in block) return html`<p class="note">${block.note}</p>`;
  if ('heads' in block) return dataTable(block.heads, block.rows);
  const charts = 'charts' in block ? block.charts : [block];
  const legend = legendOf(charts);
  const pictures = charts.map(async (chart) => {
    const title = [captionOf(chart), ...(of === undefined ? [] : [of])].join(': ');
    return figure(captionOf(chart), await draw(title, specOf(chart, legend.names), dataOf(chart)));
  });
  return html`${legendMarkup(legend)} ${figures(await Promise.all(pictures))}`;
}

const captionOf = ({ caption, x, y }: ReportChart) => caption ?? `${y} against ${x}`;

const seriesOf = ({ lines = [], bands = [], histograms = [] }: ReportChart) => [...lines, ...bands, ...histograms];

/** How many lines of a chart differ by colour; further lines also differ by dashes. */
const colours = 8;
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3]] as const;
/** The colour of the line at this index. */
const colourOf = (index: number) => `var(--line-${(index % colours) + 1})`;
/** The dashes of the line at this index: none, or lengths of line and gap. */
const dashOf = (index: number) => dashes[Math.floor(index / colours) % dashes.length]!;

/** The colours of ID and OOD throughout the report. */
const setColours = { id: 'var(--id)', ood: 'var(--ood)' } as const;

/** The shared legend of the charts in a block: series by name, and the names of marks. */
interface Legend {
  readonly names: ReadonlyMap<
    string,
    { readonly colour: string; readonly dash: readonly number[]; readonly as?: string }
  >;
  readonly marks: readonly string[];
}

function legendOf(charts: readonly ReportChart[]): Legend {
  const names = new Map<string, { colour: string; dash: readonly number[]; as?: string }>();
  let lines = 0;
  for (const { name, as } of charts.flatMap(seriesOf)) {
    if (names.has(name)) continue;
    if (as) names.set(name, { colour: setColours[as], dash: [], as });
    else names.set(name, { colour: colourOf(lines), dash: dashOf(lines++) });
  }
  return { names, marks: [...new Set(charts.flatMap(({ mark }) => mark?.name ?? []))].map(said(charts)) };
}

/** A mark outside every axis is still listed, with the reason why it is not visible. */
const said = (charts: readonly ReportChart[]) => (name: string) =>
  charts.some((chart) => chart.mark?.name === name && isShown(chart)) ? name : `${name} (outside the axis)`;

const legendMarkup = ({ names, marks }: Legend): Markup =>
  html`<ul class="legend">
    ${[...names].map(([name, series]) =>
      series.as === undefined
        ? html`<li>
            <svg viewBox="0 0 28 10" width="28" height="10" aria-hidden="true">
              <path
                d="M0 5H28"
                stroke="${series.colour}"
                stroke-width="2.5"
                stroke-dasharray="${series.dash.join(' ')}"
              />
            </svg>
            ${name}
          </li>`
        : html`<li><span class="swatch ${series.as}"></span>${name}</li>`,
    )}
    ${marks.map((name) => html`<li><span class="swatch threshold"></span>${name}</li>`)}
  </ul>`;

function isShown(chart: ReportChart): boolean {
  const { lines = [], bands = [], histograms = [], mark } = chart;
  const ends = [...[...lines, ...bands].flatMap(({ x }) => x), ...histograms.flatMap(({ edges }) => edges)];
  return mark !== undefined && ends.some((end) => end <= mark.at) && ends.some((end) => end >= mark.at);
}

function dataOf(chart: ReportChart): ChartData {
  const { lines = [], bands = [], histograms = [], mark, range = [0, 0], logarithmic = false } = chart;
  const isDrawn = (y: number | undefined) => !logarithmic || (y !== undefined && y > 0);
  const datasets = {
    bands: bands.flatMap(({ name, x, y, low, high }) =>
      x.map((at, order) => ({ series: name, order, x: at, y: y[order], low: low[order], high: high[order] })),
    ),
    histograms: histograms.flatMap(({ name, edges, shares }) =>
      // One step per bin, and the end of the last bin.
      edges
        .map((from, bin) => ({ series: name, order: bin, x: from, y: shares[bin] ?? shares.at(-1) }))
        .filter(({ y }) => isDrawn(y)),
    ),
    lines: lines.flatMap(({ name, x, y }) =>
      x.map((at, order) => ({ series: name, order, x: at, y: y[order] })).filter(({ y }) => isDrawn(y)),
    ),
    mark: mark && isShown(chart) ? [{ at: mark.at }] : [],
  };
  return { datasets, params: { bottom: range[0], top: range[1] } };
}

/** The specification of a chart. Charts that differ only in their data share one. */
function specOf(chart: ReportChart, names: Legend['names']): TopLevelSpec {
  return {
    width: 250,
    height: chart.lines ? 180 : 150,
    params: [
      { name: 'bottom', value: 0 },
      { name: 'top', value: 1 },
    ],
    layer: layersOf(chart, { ...axesOf(chart), ...scalesOf(names) }),
  };
}

/** The axes of a chart. A chart with a range is clipped to it, so charts can be compared. */
function axesOf({ x, y, histograms, range, logarithmic }: ReportChart) {
  const domain = range ? { domainMin: { expr: 'bottom' }, domainMax: { expr: 'top' } } : {};
  const type = 'quantitative' as const;
  const scale = { ...domain, ...(logarithmic ? { type: 'log' as const } : { zero: histograms !== undefined }) };
  const axis = histograms && { axis: { format: logarithmic ? '.1~p' : '~%' } };
  return {
    horizontal: { field: 'x', type, title: printable(x), scale: { zero: false, nice: false } },
    vertical: { field: 'y', type, title: printable(y), scale, ...axis },
  };
}

/** The colours, dashes and drawing order of series. */
function scalesOf(names: Legend['names']) {
  const scaleOf = (range: readonly unknown[]) => ({
    field: 'series',
    type: 'nominal' as const,
    scale: { domain: [...names.keys()], range: range as string[] },
    legend: null,
  });
  const series = [...names.values()];
  return {
    color: scaleOf(series.map(({ colour }) => colour)),
    strokeDash: scaleOf(series.map(({ dash }) => [...dash])),
    order: { field: 'order', type: 'quantitative' as const },
  };
}

type Encodings = ReturnType<typeof axesOf> & ReturnType<typeof scalesOf>;
type Layers = Extract<TopLevelSpec, { readonly layer: unknown }>['layer'];

function layersOf({ lines, bands, histograms, range, mark }: ReportChart, encodings: Encodings): Layers {
  const { horizontal, vertical, color, strokeDash, order } = encodings;
  const clip = range !== undefined;
  const encoding = { x: horizontal, y: vertical, color, strokeDash, order };
  const line = { type: 'line' as const, strokeWidth: 1.6, clip };
  const area = { x: horizontal, y: { ...vertical, field: 'low' }, y2: { field: 'high' }, color };
  const steps = { ...line, interpolate: 'step-after' as const, strokeWidth: 1.4 };
  const rule = { type: 'rule' as const, color: 'var(--ink)', strokeDash: [4, 3] };
  const layers = [
    bands && { data: { name: 'bands' }, mark: { type: 'area' as const, opacity: 0.25, clip }, encoding: area },
    bands && { data: { name: 'bands' }, mark: line, encoding },
    histograms && { data: { name: 'histograms' }, mark: steps, encoding },
    lines && { data: { name: 'lines' }, mark: line, encoding },
    mark && { data: { name: 'mark' }, mark: rule, encoding: { x: { field: 'at', type: 'quantitative' as const } } },
  ];
  return layers.filter((layer) => layer !== undefined);
}
