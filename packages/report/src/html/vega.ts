import { createHash } from 'node:crypto';
import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import type { ChartData } from './chart.ts';

const ink = 'var(--muted)';

/** Colours are CSS variables of the page, so one drawing serves light and dark mode. */
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

/** Draws data with a specification. This module loads Vega, so import it only if there is something to draw. */
export async function svgOf(spec: TopLevelSpec, { datasets, params = {} }: ChartData): Promise<string> {
  const compiled = compiledOnce(spec);
  const data = compiled.data?.map((each) => (each.name in datasets ? { ...each, values: datasets[each.name] } : each));
  const signals = compiled.signals?.map((each) => (each.name in params ? { ...each, value: params[each.name] } : each));
  const view = new vega.View(vega.parse({ ...compiled, data, signals } as vega.Spec), { renderer: 'none' });
  try {
    return picture(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Compiled specifications: charts that differ only in their data share one. */
const kinds = new Map<string, ReturnType<typeof compile>['spec']>();
/** More than any page has. Bounds the cache in a program that draws many pages. */
const mostKinds = 64;

function compiledOnce(spec: TopLevelSpec) {
  const key = JSON.stringify(spec);
  const kind = kinds.get(key) ?? compile({ ...spec, config }).spec;
  if (kinds.size >= mostKinds) kinds.clear();
  kinds.set(key, kind);
  return kind;
}

/** Removes what no browser needs from a drawing, mostly digits beyond pixel precision. */
function picture(svg: string): string {
  const [viewBox] = /viewBox="0 0 [\d.]+ [\d.]+"/.exec(svg)!;
  return `<svg ${viewBox} role="img">${withOwnClips(svg.replace(tags, shortened))}</svg>`;
}

/** Vega escapes angle brackets in texts and attributes, so these match only tags. Text between them may come from outside. */
const tags = /<[^>]*>/g;

function shortened(tag: string): string {
  if (/^<\/?svg|^<path class="(?:background|foreground)"/.test(tag)) return '';
  return tag
    .replace(/ (?:class|role|aria-\w+|pointer-events|font-family|stroke-miterlimit)="[^"]*"/g, '')
    .replace(/="[^"]*"/g, (value) => value.replace(/(\.\d)\d+/g, '$1'));
}

/**
 * Renames clip paths by the hash of their drawing. Vega numbers them per process, so the same drawing would differ each time, and names
 * could collide on a page with many drawings.
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
