import { createHash } from 'node:crypto';
import type { PluginSection, RenderOptions, ReportData, RunResults, ShownSection } from '@farout/core';
import { blocksMarkup } from './blocks.ts';
import { drawing, type Draw } from './chart.ts';
import { pageData } from './client/page-data.ts';
import { html, Markup, perDetector } from './markup.ts';
import { Pictures } from './pictures.ts';
import { pageScript } from './script.ts';
import { classSection } from './sections/classes.ts';
import { provenance } from './sections/provenance.ts';
import { mistakeSection, scoreSection } from './sections/scores.ts';
import { choiceSection } from './sections/choices.ts';
import { chartSection, metricSection } from './sections/results.ts';
import { summary } from './sections/summary.ts';
import { pageStyle } from './style.ts';

/** Nothing is fetched and nothing runs but the page's own script, whatever a name from outside may try. */
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  `script-src 'sha256-${createHash('sha256').update(pageScript).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A run as one HTML file that needs nothing else; without scripts it has its tables, pictures of parts and what went wrong. */
export async function page(results: RunResults, data: ReportData, kept?: RenderOptions['kept']): Promise<string> {
  const draw = drawing(kept);
  const pictures = new Pictures();
  const drawn = pageData(results, data);
  const sections: readonly Part[] = [
    ['results', 'Results', metricSection(results, drawn)],
    ['charts', 'At a glance', chartSection(results, drawn)],
    ['choices', 'What was chosen', choiceSection(results)],
    ['scores', 'Scores', scoreSection(results, drawn)],
    ['parts', 'Parts', await together('parts', data.parts, (section) => partSection(section, results, draw))],
    ['mistakes', 'Mistakes', await mistakeSection(results, data, pictures)],
    ['classes', 'Classes', await classSection(results)],
    ['plugins', 'More', await together('plugins', data.sections, (section) => pluginSection(section, draw))],
    ['provenance', 'Provenance', provenance(results)],
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${results.name} – farout</title>
        <style>
          ${new Markup(pageStyle)}
          ${pictures.style}
        </style>
      </head>
      <body>
        <main>${summary(results, contents(sections))} ${sections.map(([, , section]) => section)}</main>
        ${new Markup(`<script type="application/json" id="data">${embedded(drawn)}</script>`)}
        ${new Markup(`<script>${pageScript}</script>`)}
      </body>
    </html> `.text;
}

/** A part of the page: where it is, what the page's contents call it, and the part, if there is something to show. */
type Part = readonly [id: string, title: string, section: Markup | undefined];

const contents = (sections: readonly Part[]) =>
  html`<nav aria-label="Contents">
    ${sections.map(([id, title, section]) => section && html`<a href="#${id}">${title}</a>`)}
  </nav>`;

/** Sections that the page's contents call by one name. */
async function together<T>(
  id: string,
  all: readonly T[],
  show: (each: T) => Promise<Markup>,
): Promise<Markup | undefined> {
  return all.length === 0 ? undefined : html`<div id="${id}">${await Promise.all(all.map(show))}</div>`;
}

/** Data as JSON that no name of others can end. */
const embedded = (data: unknown) =>
  JSON.stringify(data).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** What a plugin shows of the run as a whole. */
async function pluginSection({ title, blocks }: PluginSection, draw: Draw): Promise<Markup> {
  return html`<section>
    <h2>${title}</h2>
    ${await blocksMarkup(blocks, draw)}
  </section>`;
}

/** What parts of detectors show: detectors of which the same is shown stand together, and of several such groups one is open. */
async function partSection({ title, shown }: ShownSection, results: RunResults, draw: Draw): Promise<Markup> {
  const groups = shown.map(({ detectors, blocks }) => ({ detectors, name: detectors.join(', '), blocks }));
  const [first] = groups;
  const content =
    groups.length === 1
      ? html`<h3>${first!.name}</h3>
          ${await blocksMarkup(first!.blocks, draw, first!.name)}`
      : await perDetector(groups, results, async ({ blocks, name }) => html`${await blocksMarkup(blocks, draw, name)}`);
  return html`<section>
    <h2>${title}</h2>
    ${content}
  </section>`;
}
