import { createHash } from 'node:crypto';
import type { RenderOptions, ReportData, RunResults, ShownSection } from '@farout/core';
import { blocksMarkup } from './blocks.ts';
import { drawing, type Draw } from './chart.ts';
import { pageData } from './client/page-data.ts';
import { foldable, html, Markup, perDetector, type Content } from './markup.ts';
import { Pictures } from './pictures.ts';
import { pageScript } from './script.ts';
import { classSection } from './sections/classes.ts';
import { provenance } from './sections/provenance.ts';
import { mistakeSection, scoreSection } from './sections/scores.ts';
import { choiceSection } from './sections/choices.ts';
import { chartSection, comparisonSection, costSection, groupSection } from './sections/charts.ts';
import { metricSection } from './sections/results.ts';
import { summary } from './sections/summary.ts';
import { pageStyle } from './style.ts';

/** Content security policy: the page fetches nothing and runs only its own script, whatever text from outside it contains. */
const policy = [
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  `script-src 'sha256-${createHash('sha256').update(pageScript).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** A run as one self-contained HTML file. Without JavaScript it still has its tables, the pictures of parts and the shortfalls. */
export async function page(results: RunResults, data: ReportData, kept?: RenderOptions['kept']): Promise<string> {
  const draw = drawing(kept);
  const pictures = new Pictures();
  const drawn = pageData(results, data);
  const groups = groupSection(drawn);
  const sections: readonly Part[] = [
    { id: 'results', title: 'Results', section: metricSection(results, drawn) },
    { id: 'charts', title: 'At a glance', section: chartSection(results, drawn), isScripted: true },
    { id: 'against', title: 'Against a baseline', section: comparisonSection(results, drawn), isScripted: true },
    { id: 'groups', title: '', ...groups, isScripted: true },
    { id: 'cost', title: 'Cost', section: costSection(results, drawn) },
    { id: 'choices', title: 'Tuning', section: choiceSection(results) },
    { id: 'scores', title: 'Scores', section: scoreSection(results, drawn) },
    ...(await each('part', data.parts, (section) => partContent(section, results, draw))),
    { id: 'mistakes', title: 'Worst mistakes', section: await mistakeSection(results, data, pictures) },
    { id: 'classes', title: 'Classes', section: await classSection(results) },
    ...(await each('plugin', data.sections, ({ blocks }) => blocksMarkup(blocks, draw))),
    { id: 'provenance', title: 'Provenance', section: provenance(results) },
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
        <main>${summary(results, data, drawn, contents(sections))} ${sections.map(({ section }) => section)}</main>
        ${new Markup(`<script type="application/json" id="data">${embedded(drawn)}</script>`)}
        ${new Markup(`<script>${pageScript}</script>`)}
      </body>
    </html> `.text;
}

/** A part of the page. */
interface Part {
  readonly id: string;
  /** The title in the page's table of contents. */
  readonly title: string;
  /** Absent if there is nothing to show. */
  readonly section?: Markup | undefined;
  /** Whether it needs JavaScript; without it, the link in the contents is hidden too. */
  readonly isScripted?: boolean;
}

const contents = (sections: readonly Part[]) =>
  html`<nav aria-label="Contents">
    ${sections.map(
      ({ id, title, section, isScripted }) =>
        section && html`<a href="#${id}" ${isScripted ? html`class="scripted" hidden` : undefined}>${title}</a>`,
    )}
  </nav>`;

/** Sections for what parts of detectors or plugins show, each under its own title. */
const each = <T extends { readonly title: string }>(
  kind: string,
  all: readonly T[],
  show: (one: T) => Promise<Content>,
): Promise<Part[]> =>
  Promise.all(
    all.map(async (one, at) => {
      const id = `${kind}-${at + 1}`;
      return { id, title: one.title, section: foldable(id, one.title, await show(one)) };
    }),
  );

/** Serializes data as JSON that no text from outside can break out of. */
const embedded = (data: unknown) =>
  JSON.stringify(data).replace(
    /[<\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The blocks that parts of detectors show. Detectors with the same blocks share an entry; of several entries, one is open. */
async function partContent({ shown }: ShownSection, results: RunResults, draw: Draw): Promise<Markup> {
  const groups = shown.map(({ detectors, blocks }) => ({ detectors, name: detectors.join(', '), blocks }));
  const [first] = groups;
  return groups.length === 1
    ? html`<h3>${first!.name}</h3>
        ${await blocksMarkup(first!.blocks, draw, first!.name)}`
    : perDetector(groups, results, async ({ blocks, name }) => html`${await blocksMarkup(blocks, draw, name)}`);
}
