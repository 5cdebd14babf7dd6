import type { RunResults } from '@farout/core';
import { footnotes, markNote } from '../../notes.ts';
import { absent, bracketed, metricLabel } from '../../numbers.ts';
import { metricTables, type Cell, type MetricTable } from '../../tables.ts';
import { timeText } from '../client/draw.ts';
import type { PageData } from '../client/page-data.ts';
import { html, type Markup } from '../markup.ts';

/** A table for each metric, with what chooses among metrics, detectors and baselines; and what charts show of them. */
export function metricSection(results: RunResults, data: PageData): Markup | undefined {
  const tables = metricTables(results);
  if (tables.length === 0) return undefined;
  return html`<section id="results">
    <h2>Results</h2>
    <p class="note unscripted">
      Tables, ROC curves and histograms of the best need no script; other charts, sorting, filters and comparisons do.
    </p>
    ${controls(results, data)} ${tables.map((table, index) => metricTable(table, results.metrics[index]!.name, data))}
    <p class="note">
      All numbers in percent; ↓ lower is better, ↑ higher is better.
      ${markNote(results, 'The best of each column is bold and marked ★.', 'Bold and ★: not told apart from the best by these images.')}
      A click on a head sorts by its column.
    </p>
    ${footnotes(results).map((note) => html`<p class="note">${note}</p>`)}
  </section>`;
}

/** Hidden as long as no script is there to work them; all tables are then shown. */
function controls({ metrics }: RunResults, { detectors, families, columns }: PageData): Markup {
  const options = (names: readonly string[], chosen: number) =>
    names.map((name, at) => html`<option value="${at}" ${at === chosen ? html`selected` : undefined}>${name}</option>`);
  const known = [...new Set(families)].filter((family) => family !== '');
  return html`<div class="controls scripted" hidden>
    ${
      metrics.length > 1
        ? html`<fieldset class="switch" id="metrics">
            <legend>Metric</legend>
            ${metrics.map((metric, at) => choice('radio', 'metric', String(at), metricLabel(metric), at === 0))}
          </fieldset>`
        : undefined
    }
    <label
      >Charts show
      <select id="column">
        ${options(columns, columns.length - 1)}
      </select></label
    >
    <label
      >Baseline
      <select id="baseline">
        ${options(detectors, 0)}
      </select></label
    >
    <label>Find <input type="search" id="find" placeholder="part of a name" /></label>
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

/** Places for charts of the results, which the script fills. */
export function chartSection(results: RunResults, { groups, columns, costs }: PageData): Markup | undefined {
  if (results.results.length === 0) return undefined;
  const isTested = (results.paired ?? []).length > 0;
  return html`<section id="charts" class="scripted" hidden>
    <h2>At a glance</h2>
    <div class="pair">
      ${chart('heat', 'All detectors on all sets', 'The better, the stronger the colour, in each column by itself.')}
      ${chart('ranking', 'In order', results.results.some(({ interval }) => interval) ? 'Dots with 95 % intervals; ★ not told apart from the best.' : '')}
    </div>
    ${
      isTested
        ? html`<h2>Against <span class="baseline"></span></h2>
            <p class="note" id="compared"></p>
            <p class="note">
              An interval is of one difference. Holm’s p allows for all rows that are compared: it may say "not told
              apart" where an interval leaves 0 out.
            </p>
            ${chart('differences', 'Differences', 'Dots with 95 % intervals of each difference; bold where Holm’s p is at most 5 %.')}
            <div id="differences-table"></div>`
        : undefined
    }
    ${scatters(
      results,
      groups.map((at) => columns[at]!),
      costs.length > 0,
    )}
  </section>`;
}

/** How groups go together, and what numbers cost, beside each other. */
function scatters(results: RunResults, [one, other]: readonly string[], hasCosts: boolean): Markup | undefined {
  if (other === undefined && !hasCosts) return undefined;
  const coloured = 'Coloured: not told apart from the best on either.';
  return html`<h2>What goes together</h2>
    <div class="pair">
      ${other === undefined ? undefined : chart('near-far', `${one} against ${other}`, coloured)}
      ${hasCosts ? chart('cost', 'Cost of an image', costNote(results)) : undefined}
    </div>`;
}

function costNote({ costs }: RunResults): string {
  const alone = 'Each detector alone, measured on the CPU.';
  return costs?.backbone === undefined
    ? alone
    : `${alone} The network itself takes ${(costs.backbone / 1000).toPrecision(3)} ms an image.`;
}

const chart = (id: string, name: string, note: string) =>
  html`<figure class="wide">
    <figcaption>${name}</figcaption>
    <p class="note">${note}</p>
    <div id="${id}"></div>
  </figure>`;

/** A metric's table; means come first, as they are what the page is read for, and then what they cost. */
function metricTable(
  { title, columns, rows }: MetricTable,
  metric: string,
  { means, groups, costs }: PageData,
): Markup {
  const all = [...means.filter((at) => !groups.includes(at)), ...groups, ...columns.keys()];
  const order = [...new Set(all)];
  const [first, sets] = [order.slice(0, Math.max(means.length, 1)), order.slice(Math.max(means.length, 1))];
  const time = costs.length > 0 ? ['time an image'] : [];
  const heads = [title, ...first.map((at) => columns[at]!), ...time, ...sets.map((at) => columns[at]!)];
  return html`<div class="scroll" data-metric="${metric}" tabindex="0" role="region" aria-label="${title}">
    <table class="metric">
      <thead>
        <tr>
          ${heads.map((name) => html`<th scope="col" aria-sort="none"><button type="button">${name}</button></th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ detector, cells }, index) =>
            html`<tr data-detector="${index}">
              <th scope="row">${detector}</th>
              ${first.map((at) => cell(cells[at]!))} ${time.map(() => costCell(costs[index]))}
              ${sets.map((at) => cell(cells[at]!))}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Sorted by its number, which is in microseconds. */
const costCell = (cost: number | null | undefined) =>
  html`<td data-value="${cost ?? absent}">${typeof cost === 'number' ? timeText(cost) : absent}</td>`;

const cell = ({ text, best, interval, seeds, published }: Cell) =>
  html`<td data-value="${text}" ${best ? html` class="best"` : undefined}>
    <span>${text}</span
    >${interval && html`<span class="interval">${bracketed(interval)}</span>`}${seeds && html`<span class="interval">${seeds}</span>`}${published && html`<span class="published">${published}</span>`}
  </td>`;
