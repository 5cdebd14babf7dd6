import type { RunResults } from '@farout/core';
import { footnotes, markNote } from '../../notes.ts';
import { absent, bracketed, metricLabel } from '../../numbers.ts';
import { metricTables, type Cell, type MetricTable } from '../../tables.ts';
import { timeText } from '../client/draw.ts';
import type { PageData } from '../client/page-data.ts';
import { html, type Markup } from '../markup.ts';
import { nameOf } from './names.ts';

/** One table per metric, with controls to choose metrics and filter detectors. */
export function metricSection(results: RunResults, data: PageData): Markup | undefined {
  const tables = metricTables(results);
  if (tables.length === 0) return undefined;
  const marks = markNote(
    results,
    'The best number of each column is bold and marked ★.',
    '★ and bold: not distinguishable from the best of the column on these images. Rows are compared image by image, so a number without a star may be better than one with a star.',
  );
  return html`<section id="results">
    <h2>Results</h2>
    <p class="note unscripted">
      JavaScript is off, so this page shows only its tables, the ROC curves of the best detectors, and the histograms of
      the best one. The other charts, sorting, filters and comparisons need JavaScript.
    </p>
    ${controls(results, data)} ${marks && html`<p class="note">${marks}</p>`}
    ${tables.map((table, index) => metricTable(table, results.metrics[index]!.name, data))}
    <p class="note">All numbers in percent; ↓ lower is better, ↑ higher is better. Click a column heading to sort.</p>
    ${notes(results)}
  </section>`;
}

/** A note that lists only some columns expands to the full note. */
function notes(results: RunResults): Markup[] {
  const whole = footnotes(results, Infinity);
  return footnotes(results).map((note, at) =>
    note === whole[at]
      ? html`<p class="note">${note}</p>`
      : html`<details class="note">
          <summary>${note}</summary>
          ${whole[at]}
        </details>`,
  );
}

/** Hidden without JavaScript; all tables are then visible. */
function controls({ metrics }: RunResults, { families }: PageData): Markup {
  const known = [...new Set(families)].filter((family) => family !== '');
  return html`<div class="controls scripted" hidden>
    ${
      metrics.length > 1
        ? html`<fieldset class="switch" data-choice="metric">
            <legend>Metric</legend>
            ${metrics.map((metric, at) => choice('radio', 'metric', String(at), metricLabel(metric), at === 0))}
          </fieldset>`
        : undefined
    }
    <label>Filter <input type="search" id="find" placeholder="part of a name" /></label>
    ${
      known.length > 1
        ? html`<fieldset class="switch" id="families">
            <legend>What detectors look at</legend>
            ${known.map((family) => choice('checkbox', 'family', family, family, true))}
            ${families.includes('') ? choice('checkbox', 'family', '', 'other', true) : undefined}
          </fieldset>`
        : undefined
    }
  </div>`;
}

const choice = (type: 'radio' | 'checkbox', name: string, value: string, label: string, checked: boolean) =>
  html`<label
    ><input type="${type}" name="${name}" value="${value}" ${checked ? html`checked` : undefined} />${label}</label
  >`;

/** A metric's table. Means come first, because readers look for them, then the cost, then the sets. */
function metricTable(
  { title, columns, rows }: MetricTable,
  metric: string,
  { means, groups, costs }: PageData,
): Markup {
  const all = [...means.filter((at) => !groups.includes(at)), ...groups, ...columns.keys()];
  const order = [...new Set(all)];
  const [first, sets] = [order.slice(0, Math.max(means.length, 1)), order.slice(Math.max(means.length, 1))];
  const time = costs.length > 0 ? ['time per image'] : [];
  const head = (name: string, column?: number) =>
    html`<th scope="col" aria-sort="none" ${column === undefined ? undefined : html`data-column="${column}"`}>
      <button type="button">${name}</button>
    </th>`;
  const headOf = (column: number) => head(columns[column]!, column);
  return html`<div class="scroll" data-metric="${metric}" tabindex="0" role="region" aria-label="${title}">
    <table class="metric">
      <thead>
        <tr>
          ${head(title)} ${first.map(headOf)} ${time.map((name) => head(name))} ${sets.map(headOf)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ detector, cells }, index) =>
            html`<tr data-detector="${index}">
              <th scope="row">${nameOf(detector)}</th>
              ${first.map((at) => cell(cells[at]!))} ${time.map(() => costCell(costs[index]))}
              ${sets.map((at) => cell(cells[at]!))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Sorts by its number, in microseconds. */
const costCell = (cost: number | null | undefined) =>
  html`<td data-value="${cost ?? absent}">${typeof cost === 'number' ? timeText(cost) : absent}</td>`;

const cell = ({ text, best, interval, seeds, published }: Cell) =>
  html`<td data-value="${text}" ${best ? html` class="best"` : undefined}>
    <span>${text}</span
    >${interval && html`<span class="interval">${bracketed(interval)}</span>`}${seeds && html`<span class="interval">${seeds}</span>`}${published && html`<span class="published">${published}</span>`}
  </td>`;
