import type { RunResults } from '@farout/core';
import { footnotes, markNote } from '../../notes.ts';
import { metricTables, type Cell, type MetricTable } from '../../tables.ts';
import { html, type Markup } from '../markup.ts';

/** The two numbers that the literature calls FPR95, of which the page shows one at a time. */
const conventions = ['fpr95', 'fpr95-ood-positive'];

/** A table for each metric; where both conventions of FPR95 were measured, with a switch between them. */
export function metricSection(results: RunResults): Markup | undefined {
  const tables = metricTables(results);
  if (tables.length === 0) return undefined;
  const names = results.metrics.map(({ name }) => name);
  return html`<section id="results">
    <h2>Results</h2>
    ${conventions.every((name) => names.includes(name)) ? conventionSwitch : undefined}
    ${tables.map((table, index) => metricTable(table, names[index]!))}
    <p class="note">
      All numbers in percent; ↓ lower is better, ↑ higher is better.
      ${markNote(results, 'The best of each column is bold and marked ★.')} A click on a head sorts by its column.
    </p>
    ${footnotes(results).map((note) => html`<p class="note">${note}</p>`)}
  </section>`;
}

/** Hidden as long as no script is there to work it; both tables are then shown. */
const conventionSwitch = html`<fieldset class="switch" hidden>
  <legend>FPR95: which class is positive?</legend>
  <label><input type="radio" name="convention" value="fpr95" checked />ID, as in the ReAct paper</label>
  <label><input type="radio" name="convention" value="fpr95-ood-positive" />OOD, as in OpenOOD</label>
</fieldset>`;

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
