import { averageOfSets, type MetricTraits, type RunResults } from '@farout/core';
import { isGroup, type Best } from '../../best.ts';
import { differencesFrom, type Differences } from '../../differences.ts';
import { bracketed, percent } from '../../numbers.ts';
import { metricTables, setsIn } from '../../tables.ts';
import { gainText } from '../client/tests.ts';
import { html, type Markup } from '../markup.ts';
import { named, nameOf } from './names.ts';

/**
 * One table per metric, one of them visible. For the average and each group it gives the first detector, the detectors not
 * distinguishable from it, and its difference from a baseline, which the reader may change.
 */
export function answers(results: RunResults): Markup | undefined {
  const baseline = results.results[0]?.detector;
  const all = differencesFrom(baseline ?? '', results);
  const tables = metricTables(results).flatMap(({ title, columns, best }, m) => {
    const metric = results.metrics[m]!;
    const means = columns.flatMap((ood, column) =>
      best[column]!.kind === 'tested' && (columns.length === 1 || isMean(ood, results)) ? [{ ood, column }] : [],
    );
    if (means.length === 0) return [];
    const rows = means.map(({ ood, column }) => {
      const differences = all.find((each) => each.metric === metric.name && each.ood === ood);
      return answer(metric, { ood, column }, best[column]!, differences, results);
    });
    return [
      html`<div
        class="scroll answers"
        data-metric="${metric.name}"
        tabindex="0"
        role="region"
        aria-label="${title}: which detector ranks first"
        ${m > 0 ? html` hidden` : undefined}
      >
        <table>
          <thead>
            <tr>
              <th scope="col">${title} on</th>
              <th scope="col">first</th>
              <th scope="col">95 % interval</th>
              <th scope="col">not distinguishable from it</th>
              <th scope="col">against <span class="baseline">${baseline}</span>, Holm p</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </div>`,
    ];
  });
  if (tables.length === 0) return undefined;
  return html`${tables}
    <p class="note">
      “Better” and “worse” mean that a paired test finds a difference on these images, at 5 % over all rows compared
      (Holm). A difference that is “not significant” may be chance.
      <span class="scripted" hidden>Click the name of a row to show that row in the headline above.</span>
    </p>`;
}

/** The sets behind a mean. */
function membersOf(ood: string, run: RunResults): string | undefined {
  if (isGroup(ood, run)) return enumeration.format(run.groups![ood]!);
  return ood === averageOfSets ? `all ${setsIn(run).length} sets` : undefined;
}

const enumeration = new Intl.ListFormat('en-GB');

/** The difference between a detector and a baseline, in words. */
export function gainOver(
  baseline: string,
  detector: string,
  differences: Differences | undefined,
  { better }: MetricTraits,
): string {
  if (detector === baseline) return 'it is the baseline';
  const difference = differences?.rows.find((row) => row.detector === detector);
  return difference ? gainText(difference, better) : '—';
}

const isMean = (ood: string, results: RunResults) => ood === averageOfSets || isGroup(ood, results);

function answer(
  metric: MetricTraits,
  { ood, column }: { readonly ood: string; readonly column: number },
  { detectors }: Best,
  differences: Differences | undefined,
  run: RunResults,
): Markup {
  const { results } = run;
  const marked = results.filter(
    (cell) => cell.metric === metric.name && cell.ood === ood && detectors.includes(cell.detector),
  );
  const sign = metric.better === 'lower' ? 1 : -1;
  const [first, ...others] = marked.sort((a, b) => sign * (a.value - b.value));
  return html`<tr>
    <th scope="row">
      <button type="button" class="pick" data-pick="${column}" disabled>${ood}</button>
      <span class="interval">${membersOf(ood, run)}</span>
    </th>
    <td data-head="first"><strong>${nameOf(first!.detector)}</strong> ${percent(first!.value)}</td>
    <td data-head="95 % interval">${first!.interval && bracketed(first!.interval)}</td>
    <td data-head="not distinguishable from it">
      ${others.length === 0 ? 'none' : named(others.map(({ detector }) => detector))}
    </td>
    <td class="gain" data-head="against the baseline" data-column="${column}" data-detector="${first!.detector}">
      ${gainOver(results[0]!.detector, first!.detector, differences, metric)}
    </td>
  </tr>`;
}
