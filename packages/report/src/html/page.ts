import { createHash } from 'node:crypto';
import type { PluginSection, ReportBlock, ReportData, RunResults } from '@farout/core';
import { lineChart, lineLegend } from './charts.ts';
import { dataTable, figure, figures, html, Markup } from './markup.ts';
import { pageScript } from './script.ts';
import { rectificationSection, sweepSection } from './sections/hooks.ts';
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
export async function page(results: RunResults, data: ReportData): Promise<string> {
  const sections = [
    metricSection(results),
    await scoreSection(results, data),
    await rectificationSection(results, data),
    await sweepSection(results, data),
    await mistakeSection(results, data),
    ...(await Promise.all(data.sections.map(pluginSection))),
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

/** What a plugin shows: data that it gave, drawn as the page draws its own. */
async function pluginSection({ title, blocks }: PluginSection): Promise<Markup> {
  return html`<section>
    <h2>${title}</h2>
    ${await Promise.all(blocks.map(blockMarkup))}
  </section>`;
}

async function blockMarkup(block: ReportBlock): Promise<Markup> {
  if ('text' in block) return html`<p>${block.text}</p>`;
  if ('heads' in block) return dataTable(block.heads, block.rows);
  const points = block.lines.flatMap(({ x, y }, line) =>
    x.map((value, order) => ({ line, order, x: value, y: y[order] })),
  );
  const title = `${block.y} against ${block.x}`;
  const picture = await lineChart(block.x, block.y)(title, { datasets: { points } });
  return html`${lineLegend(block.lines.map(({ name }) => name))} ${figures([figure(title, picture)])}`;
}
