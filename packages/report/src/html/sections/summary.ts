import { averageOfSets, z, type MetricTraits, type RunResults } from '@farout/core';
import { isGroup, type Best } from '../../best.ts';
import { differencesFrom, type Differences } from '../../differences.ts';
import { tooFewImages } from '../../notes.ts';
import { bracketed, idAccuracy, percent } from '../../numbers.ts';
import { shortfalls } from '../../shortfalls.ts';
import { standing } from '../../standing.ts';
import { metricTables } from '../../tables.ts';
import { gainText } from '../client/tests.ts';
import { html, type Content, type Markup } from '../markup.ts';

/** What the run was, its one finding, what else the page has, and what the run lacks. */
export function summary(results: RunResults, contents: Markup): Markup {
  const { accuracy, set } = idAccuracy(results);
  return html`<header>
    <p class="kind">Out-of-distribution detection</p>
    <h1>${results.name}</h1>
    ${finding(results)} ${answers(results)}
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
    ${contents}
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
        ${apart(best, first!.detector)}`,
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
  return `These images do not tell it apart from ${named(others)}.`;
}

/**
 * Who is first over all sets and over each group, whom the images do not tell apart from it, and how far it is from a baseline: a table
 * for each metric, of which one is shown; the reader may choose another baseline.
 */
function answers(results: RunResults): Markup[] {
  const baseline = results.results[0]?.detector;
  const all = differencesFrom(baseline ?? '', results);
  return metricTables(results).map(({ title, columns, best }, m) => {
    const metric = results.metrics[m]!;
    const means = columns.flatMap((ood, column) =>
      best[column]!.kind === 'tested' && (columns.length === 1 || isMean(ood, results)) ? [{ ood, column }] : [],
    );
    if (means.length === 0) return html``;
    const rows = means.map(({ ood, column }) => {
      const differences = all.find((each) => each.metric === metric.name && each.ood === ood);
      return answer(metric, { ood, column }, best[column]!, differences, results);
    });
    return html`<div
      class="scroll answers"
      data-metric="${metric.name}"
      tabindex="0"
      role="region"
      aria-label="${title}: who is first"
      ${m > 0 ? html` hidden` : undefined}
    >
      <table>
        <thead>
          <tr>
            <th scope="col">${title} on</th>
            <th scope="col">first</th>
            <th scope="col">95 % interval</th>
            <th scope="col">not told apart from it</th>
            <th scope="col">against <span class="baseline">${baseline}</span>, p by Holm</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>`;
  });
}

const isMean = (ood: string, results: RunResults) => ood === averageOfSets || isGroup(ood, results);

function answer(
  metric: MetricTraits,
  { ood, column }: { readonly ood: string; readonly column: number },
  { detectors }: Best,
  differences: Differences | undefined,
  { results }: RunResults,
): Markup {
  const marked = results.filter(
    (cell) => cell.metric === metric.name && cell.ood === ood && detectors.includes(cell.detector),
  );
  const sign = metric.better === 'lower' ? 1 : -1;
  const [first, ...others] = marked.sort((a, b) => sign * (a.value - b.value));
  const difference = differences?.rows.find(({ detector }) => detector === first!.detector);
  const text = difference ? gainText(difference, metric.better) : undefined;
  return html`<tr>
    <th scope="row">${ood}</th>
    <td data-head="first"><strong>${first!.detector}</strong> ${percent(first!.value)}</td>
    <td data-head="95 % interval">${first!.interval && bracketed(first!.interval)}</td>
    <td data-head="not told apart from it">
      ${others.length === 0 ? 'none' : named(others.map(({ detector }) => detector))}
    </td>
    <td class="gain" data-head="against the baseline" data-column="${column}" data-detector="${first!.detector}">
      ${text ?? '—'}
    </td>
  </tr>`;
}

function named(detectors: readonly string[]): string {
  const rest = detectors.length - spelledOut;
  return enumeration.format(rest > 0 ? [...detectors.slice(0, spelledOut), `${rest} more`] : detectors);
}
