import { createHash } from 'node:crypto';
import type { ReportData, RunResults } from '@farout/core';
import { html, Markup } from './markup.ts';
import { pageScript } from './script.ts';
import { rectificationSection } from './sections/hooks.ts';
import { metricSection } from './sections/metric-section.ts';
import { mistakeSection } from './sections/mistake-section.ts';
import { pluginSection } from './sections/plugin-section.ts';
import { provenance } from './sections/provenance.ts';
import { scoreSection } from './sections/scores.ts';
import { summary } from './sections/summary.ts';
import { sweepSection } from './sections/sweep-section.ts';
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
