import { z, type RunResults } from '@farout/core';
import type { Best } from '../../best.ts';
import { footnotes, markNote, tooFewImages } from '../../notes.ts';
import { bracketed, counted, idAccuracy, percent } from '../../numbers.ts';
import { shortfalls } from '../../shortfalls.ts';
import { gainOver, standing } from '../../standing.ts';
import { metricTables, type Cell, type MetricTable } from '../../tables.ts';
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

/** Who is first by the metric that the experiment names first, by how much, and whether these images bear it out; or why nobody is. */
function finding(results: RunResults): Markup | undefined {
  const found = standing(results);
  if (!found) return undefined;
  const { best, metric, better, on, ranked } = found;
  const [first, next] = ranked;
  const by = `by ${metric}, ${on} (${better} is better)`;
  const sentences: Record<Exclude<typeof best.kind, 'none'>, () => Content> = {
    tested: () =>
      html`<strong>${first!.detector}</strong> ranks first ${by}:
        <strong>${first!.value}</strong>${first!.interval && ` ${bracketed(first!.interval)}`}.
        ${apart(best, first!.detector)} <span id="gain">${gain(results)}</span>`,
    one: () => {
      const others = next && html`, followed by ${next.detector} with ${next.value}`;
      return html`<strong>${first!.detector}</strong> ranks first ${by}: <strong>${first!.value}</strong>${others}.`;
    },
    several: () => html`${best.detectors.join(' and ')} share the first place ${by}: <strong>${first!.value}</strong>.`,
    'all-equal': () => html`No detector is first ${by}: all have <strong>${first!.value}</strong>.`,
    'too-few-images': () => tooFewImages(results).join(' '),
  };
  return html`<p class="finding">${sentences[best.kind as keyof typeof sentences]()}</p>`;
}

/** How many names a headline spells out. */
const spelledOut = 4;
const enumeration = new Intl.ListFormat('en-GB');

/** Whose place the images leave open. */
function apart({ detectors, compared }: Best, first: string): string {
  const others = detectors.filter((detector) => detector !== first);
  if (others.length === 0) return `These images tell it apart from all other ${compared - 1} detectors.`;
  const rest = others.length - spelledOut;
  const names = rest > 0 ? [...others.slice(0, spelledOut), `${rest} more`] : others;
  return `These images do not tell it apart from ${enumeration.format(names)}.`;
}

/** How far the first is from the first row of the table, until the reader chooses another baseline. */
function gain(results: RunResults): string | undefined {
  const {
    best,
    ranked: [first],
  } = standing(results)!;
  const baseline = results.results[0]!.detector;
  const found = best.kind === 'tested' && first!.detector !== baseline ? gainOver(baseline, results) : undefined;
  if (!found) return undefined;
  const { difference, interval, adjusted, compared } = found;
  const points = (fraction: number) => `${fraction < 0 ? '−' : '+'}${percent(Math.abs(fraction))}`;
  const within = interval && ` [${points(interval.low)}, ${points(interval.high)}]`;
  const verdict = adjusted <= 0.05 ? 'a difference that these images bear out' : 'a difference that may be chance';
  const p = adjusted < 0.001 ? 'p < 0.001' : `p = ${adjusted.toFixed(3)}`;
  return `Against ${baseline}: ${points(difference)} points${within ?? ''}, ${verdict} (${p} by Holm, ${counted(compared - 1, 'comparison')}).`;
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
      ${markNote(results, 'The best of each column is bold and marked ★.', 'Bold and ★: not told apart from the best by these images.')}
      A click on a head sorts by its column.
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

const cell = ({ text, best, interval, published }: Cell) =>
  html`<td data-value="${text}" ${best ? html` class="best"` : undefined}>
    <span>${text}</span
    >${interval && html`<span class="interval">${bracketed(interval)}</span>`}${published && html`<span class="published">${published}</span>`}
  </td>`;
