import { z, type RunResults } from '@farout/core';
import { footnotes, markNote, shortfalls, tooFewImages } from '../../notes.ts';
import { idAccuracy } from '../../numbers.ts';
import { metricTables, standing, type Cell, type MetricTable } from '../../tables.ts';
import { html, type Content, type Markup } from '../markup.ts';

/** What the run was, its one finding, and what it lacks. */
export function summary(results: RunResults): Markup {
  const { accuracy, set } = idAccuracy(results);
  return html`<header>
    <p class="kind">Out-of-distribution detection</p>
    <h1>${results.name}</h1>
    ${finding(results)}
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
    ${shortfalls(results).map(
      ({ title, lines }) =>
        html`<section class="shortfall">
          <h2>${title}</h2>
          <ul>
            ${lines.map((line) => html`<li>${line}</li>`)}
          </ul>
        </section>`,
    )}
  </header>`;
}

const named = z.object({ backbone: z.record(z.string(), z.unknown()) });

function network({ experiment }: RunResults): Markup | undefined {
  const name = Object.keys(named.safeParse(experiment).data?.backbone ?? {})[0];
  return name === undefined
    ? undefined
    : html`<div>
        <dt>network</dt>
        <dd>${name}</dd>
      </div>`;
}

/** Who is first by the metric that the experiment names first, or why nobody is. */
function finding(results: RunResults): Markup | undefined {
  const found = standing(results);
  if (!found) return undefined;
  const { best, metric, better, on, ranked } = found;
  const [first] = ranked;
  const by = `by ${metric}, ${on} (${better} is better)`;
  const sentences: Record<Exclude<typeof best.kind, 'none'>, () => Content> = {
    one: () => {
      const [, next] = ranked;
      const others = next && html`, followed by ${next.detector} with ${next.value}`;
      return html`<strong>${first!.detector}</strong> ranks first ${by}: <strong>${first!.value}</strong>${others}.`;
    },
    several: () => html`${best.detectors.join(' and ')} share the first place ${by}: <strong>${first!.value}</strong>.`,
    'all-equal': () => html`No detector is first ${by}: all have <strong>${first!.value}</strong>.`,
    'too-few-images': () => tooFewImages(results).join(' '),
  };
  return html`<p class="finding">${sentences[best.kind as keyof typeof sentences]()}</p>`;
}

/** A table for each metric; where several conventions of one title were measured, with a switch between them. */
export function metricSection(results: RunResults): Markup | undefined {
  const tables = metricTables(results);
  if (tables.length === 0) return undefined;
  const { metrics } = results;
  return html`<section id="results">
    <h2>Results</h2>
    ${[...new Set(metrics.map(({ title }) => title))].map((title) => conventionSwitch(title, metrics))}
    ${tables.map((table, index) => metricTable(table, metrics[index]!.name))}
    <p class="note">
      All numbers in percent; ↓ lower is better, ↑ higher is better.
      ${markNote(results, 'The best of each column is bold and marked ★.')} A click on a head sorts by its column.
    </p>
    ${footnotes(results).map((note) => html`<p class="note">${note}</p>`)}
  </section>`;
}

/** Hidden as long as no script is there to work it; all tables are then shown. */
function conventionSwitch(title: string | undefined, metrics: RunResults['metrics']): Markup | undefined {
  const conventions = metrics.filter((metric) => metric.title === title && metric.convention !== undefined);
  if (title === undefined || conventions.length < 2) return undefined;
  return html`<fieldset class="switch" hidden>
    <legend>${title}: which definition?</legend>
    ${conventions.map(
      ({ name, convention }, index) =>
        html`<label
          ><input
            type="radio"
            name="${title}"
            value="${name}"
            ${index === 0 ? html` checked` : undefined}
          />${convention}</label
        >`,
    )}
  </fieldset>`;
}

const metricTable = ({ title, columns, rows }: MetricTable, metric: string) =>
  html`<div class="scroll" data-metric="${metric}" tabindex="0" role="region" aria-label="${title}">
    <table class="metric">
      <thead>
        <tr>
          <th scope="col" aria-sort="none"><button type="button">${title}</button></th>
          ${columns.map((name) => html`<th scope="col" aria-sort="none"><button type="button">${name}</button></th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ detector, cells }) =>
            html`<tr>
              <th scope="row">${detector}</th>
              ${cells.map(cell)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;

const cell = ({ text, best, published }: Cell) =>
  html`<td data-value="${text}" ${best ? html` class="best"` : undefined}>
    <span>${text}</span>${published && html`<span class="published">${published}</span>`}
  </td>`;
