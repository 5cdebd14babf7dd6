import { createHash } from 'node:crypto';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { html, Markup } from './markup.ts';

/** What a chart is drawn from: rows by the name of a dataset, numbers by the name of a parameter. */
interface ChartData {
  readonly datasets: Readonly<Record<string, readonly object[]>>;
  readonly params?: Readonly<Record<string, number>>;
}

/** Draws data; `title` says to those who cannot see it what the picture shows. */
export type Chart = (title: string, data: ChartData) => Promise<Markup>;

const ink = 'var(--muted)';

/** Colours are variables of the page's style, so that one drawing serves the light and the dark. */
const config = {
  background: 'transparent',
  padding: 4,
  aria: false,
  view: { stroke: null },
  axis: {
    aria: false,
    domainColor: 'var(--axis)',
    tickColor: 'var(--axis)',
    gridColor: 'var(--grid)',
    labelColor: ink,
    titleColor: ink,
    titleFontWeight: 'normal',
    labelFontSize: 11,
    titleFontSize: 12,
    labelFlush: true,
    tickCount: 5,
    tickSize: 4,
  },
} as const;

/** A kind of chart: its specification in Vega-Lite, without data, is compiled once for all drawings. */
export function chartOf(spec: TopLevelSpec): Chart {
  const compiled = compile({ ...spec, config }).spec;
  return async (title, { datasets, params = {} }) => {
    const data = compiled.data?.map((each) =>
      each.name in datasets ? { ...each, values: datasets[each.name] } : each,
    );
    const signals = compiled.signals?.map((each) =>
      each.name in params ? { ...each, value: params[each.name] } : each,
    );
    const view = new vega.View(vega.parse({ ...compiled, data, signals } as vega.Spec), { renderer: 'none' });
    try {
      return picture(title, await view.toSVG());
    } finally {
      view.finalize();
    }
  };
}

/** The drawing without what no browser needs: it is mostly numbers with more digits than a pixel has. */
function picture(title: string, svg: string): Markup {
  const { width, height } = /viewBox="0 0 (?<width>[\d.]+) (?<height>[\d.]+)"/.exec(svg)!.groups!;
  const content = withOwnClips(svg.replace(tags, shortened));
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">${new Markup(content)}</svg>`;
}

/** Vega escapes angle brackets in texts and attributes, so that these are tags; what stands between them is text of others. */
const tags = /<[^>]*>/g;

function shortened(tag: string): string {
  if (/^<\/?svg|^<path class="(?:background|foreground)"/.test(tag)) return '';
  return tag
    .replace(/ (?:class|role|aria-\w+|pointer-events|font-family|stroke-miterlimit)="[^"]*"/g, '')
    .replace(/="[^"]*"/g, (value) => value.replace(/(\.\d)\d+/g, '$1'));
}

/**
 * Vega numbers clips through the life of a process. Here they are called after the drawing, so that it is the same whenever it is
 * made, and their names stay its own on a page of many.
 */
function withOwnClips(content: string): string {
  const found: string[] = [];
  const numbered = content.replace(tags, (tag) =>
    tag.replace(clips, (_, before: string, name: string) => {
      if (!found.includes(name)) found.push(name);
      return `${before}clip-${found.indexOf(name)}`;
    }),
  );
  const drawing = createHash('sha256').update(numbered).digest('hex').slice(0, 8);
  return numbered.replace(tags, (tag) => tag.replace(clips, `$1${drawing}-$2`));
}

const clips = /( id="|url\(#)(clip[-\d]*)/g;
