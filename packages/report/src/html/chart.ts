import type { RenderOptions } from '@farout/core';
import type { TopLevelSpec } from 'vega-lite';
import { html, Markup } from './markup.ts';

/** What a chart is drawn from: rows by the name of a dataset, numbers by the name of a parameter. */
export interface ChartData {
  readonly datasets: Readonly<Record<string, readonly object[]>>;
  readonly params?: Readonly<Record<string, number>>;
}

/**
 * Draws data by a specification in Vega-Lite, which comes without any; `title` says to those who cannot see it what the picture
 * shows.
 */
export type Draw = (title: string, spec: TopLevelSpec, data: ChartData) => Promise<Markup>;

/** How a page's charts are drawn: those that are kept as they were, the others by Vega, which takes half a second to load. */
export const drawing =
  (kept: NonNullable<RenderOptions['kept']> = async (_, make) => make()): Draw =>
  async (title, spec, data) => {
    const draw = async () => (await import('./vega.ts')).svgOf(spec, data);
    const svg = await kept([spec, data], draw);
    return entitled(title, onlyDraws.test(svg) ? svg : await draw());
  };

const entitled = (title: string, svg: string) =>
  new Markup(svg.replace('<svg', () => html`<svg aria-label="${title}"`.text));

/** A picture is not escaped: of what a store has kept, only shapes and texts are taken, which can do nothing on a page. */
const attributes = '(?: (?:viewBox|(?!on|style)[a-z][a-z0-9-]*)="[^"<>]*")*';
const onlyDraws = new RegExp(
  `^<svg${attributes}>(?:[^<>]*</?(?:g|path|line|rect|text|defs|clipPath)${attributes}/?>)*[^<>]*</svg>$`,
);
