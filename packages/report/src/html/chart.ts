import type { RenderOptions } from '@farout/core';
import type { TopLevelSpec } from 'vega-lite';
import { html, Markup } from './markup.ts';

/** The data of a chart: rows by dataset name, numbers by parameter name. */
export interface ChartData {
  readonly datasets: Readonly<Record<string, readonly object[]>>;
  readonly params?: Readonly<Record<string, number>>;
}

/**
 * Draws data with a Vega-Lite specification that contains none itself. `title` describes the picture to screen readers.
 */
export type Draw = (title: string, spec: TopLevelSpec, data: ChartData) => Promise<Markup>;

/** Returns the function that draws a page's charts: from the cache `kept` if possible, otherwise with Vega, which takes half a second to load. */
export const drawing =
  (kept: NonNullable<RenderOptions['kept']> = async (_, make) => make()): Draw =>
  async (title, spec, data) => {
    const draw = async () => (await import('./vega.ts')).svgOf(spec, data);
    const svg = await kept([spec, data], draw);
    return entitled(title, onlyDraws.test(svg) ? svg : await draw());
  };

const entitled = (title: string, svg: string) =>
  new Markup(svg.replace('<svg', () => html`<svg aria-label="${title}"`.text));

/** Pictures are not escaped, so a cached one is used only if it consists of shapes and texts, which cannot run code. */
const attributes = '(?: (?:viewBox|(?!on|style)[a-z][a-z0-9-]*)="[^"<>]*")*';
const onlyDraws = new RegExp(
  `^<svg${attributes}>(?:[^<>]*</?(?:g|path|line|rect|text|defs|clipPath)${attributes}/?>)*[^<>]*</svg>$`,
);
