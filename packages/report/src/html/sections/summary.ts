import { z, type ReportData, type RunResults } from '@farout/core';
import { idAccuracy } from '../../numbers.ts';
import { namedImages, shortfalls, type Shortfall } from '../../shortfalls.ts';
import type { PageData } from '../client/page-data.ts';
import { html, type Markup } from '../markup.ts';
import { answers } from './answers.ts';
import { chooser } from './chooser.ts';
import { findings } from './findings.ts';

/** The head of the page: the run, its main finding, the table of contents, and its shortfalls. */
export function summary(results: RunResults, data: ReportData, drawn: PageData, contents: Markup): Markup {
  const { accuracy, set } = idAccuracy(results);
  return html`<header>
    <p class="kind">Out-of-distribution detection</p>
    <h1>${results.name}</h1>
    ${findings(results, data, drawn)} ${chooser(drawn, ['metric', 'column', 'baseline'])} ${answers(results)}
    <dl class="facts">
      ${network(results)}
      <div>
        <dt>ID accuracy</dt>
        <dd>${accuracy}</dd>
      </div>
      <div>
        <dt>ID images</dt>
        <dd>${set}</dd>
      </div>
    </dl>
    ${contents} ${shortfalls(results, Infinity).map(shortfall)}
  </header>`;
}

/** Collapses everything after the first lines. */
function shortfall({ title, lines }: Shortfall): Markup {
  const list = (some: readonly string[]) =>
    html`<ul>
      ${some.map((line) => html`<li>${line}</li>`)}
    </ul>`;
  const rest = lines.slice(namedImages);
  return html`<section class="shortfall">
    <h2>${title}</h2>
    ${list(lines.slice(0, namedImages))}
    ${
      rest.length > 0
        ? html`<details>
            <summary>and ${rest.length} more</summary>
            ${list(rest)}
          </details>`
        : undefined
    }
  </section>`;
}

const networked = z.object({ backbone: z.record(z.string(), z.unknown()) });

function network({ experiment }: RunResults): Markup | undefined {
  const name = Object.keys(networked.safeParse(experiment).data?.backbone ?? {})[0];
  return name === undefined
    ? undefined
    : html`<div>
        <dt>network</dt>
        <dd>${name}</dd>
      </div>`;
}
