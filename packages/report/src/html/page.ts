import { createHash } from 'node:crypto';
import type { PluginSection, RenderOptions, ReportData, RunResults, ShownSection } from '@farout/core';
import { blocksMarkup } from './blocks.ts';
import { drawing, type Draw } from './chart.ts';
import { html, Markup, perDetector } from './markup.ts';
import { pageScript } from './script.ts';
import { provenance } from './sections/provenance.ts';
import { mistakeSection, scoreSection } from './sections/scores.ts';
import { metricSection, summary } from './sections/summary.ts';
import { pageStyle } from './style.ts';

const script = `(${pageScript.toString()})();`;

/** Nothing is fetched and nothing runs but the page's own script, whatever a name from outside may try. */
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  `script-src 'sha256-${createHash('sha256').update(script).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A run as one HTML file that needs nothing else; without scripts it shows the same, but does not sort or switch. */
export async function page(results: RunResults, data: ReportData, kept?: RenderOptions['kept']): Promise<string> {
  const draw = drawing(kept);
  const sections = [
    metricSection(results),
    await scoreSection(results, data, draw),
    ...(await Promise.all(data.parts.map((section) => partSection(section, results, draw)))),
    await mistakeSection(results, data),
    ...(await Promise.all(data.sections.map((section) => pluginSection(section, draw)))),
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
        </style>
      </head>
      <body>
        <main>${summary(results)} ${sections} ${provenance(results)}</main>
        ${new Markup(`<script>${script}</script>`)}
      </body>
    </html> `.text;
}

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
