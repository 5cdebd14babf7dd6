import type { RunResults } from '@farout/core';
import { timeText } from '../client/draw.ts';
import type { PageData } from '../client/page-data.ts';
import { foldable, html, type Markup } from '../markup.ts';
import { chooser } from './chooser.ts';

/** Placeholders for the charts of all results; the script draws them. */
export function chartSection({ results }: RunResults, data: PageData): Markup | undefined {
  if (results.length === 0) return undefined;
  const dots = results.some(({ interval }) => interval)
    ? 'Dots with 95 % intervals; ★: not distinguishable from the best.'
    : '';
  const content = html`${chooser(data, ['metric', 'column'])}
    <div class="pair">
      ${chart('heat', 'All detectors on all sets', 'In percent. Stronger colour means better; each column has its own scale.')}
      ${chart('ranking', 'Ranking', dots)}
    </div>`;
  return foldable('charts', 'At a glance', content, 'scripted');
}

/** All rows compared with a baseline, if differences were tested. */
export function comparisonSection(results: RunResults, data: PageData): Markup | undefined {
  if ((results.paired ?? []).length === 0) return undefined;
  const content = html`${chooser(data, ['baseline', 'metric', 'column'])}
    <p class="note" id="compared"></p>
    <p class="note">
      Each interval covers a single difference. Holm’s p corrects for all rows compared, so a difference may be “not
      significant” even if its interval excludes 0.
    </p>
    ${chart('differences', 'Differences', 'Each difference with its 95 % interval; bold where Holm’s p is at most 5 %.')}
    <details>
      <summary>Show as a table</summary>
      <div id="differences-table"></div>
    </details>`;
  return foldable('against', html`Against <span class="baseline"></span>`, content, 'scripted');
}

/** The first two groups plotted against each other; undefined if there are fewer than two. */
export function groupSection(data: PageData): { readonly title: string; readonly section: Markup } | undefined {
  const [one, other] = data.groups.map((at) => data.columns[at]!);
  if (one === undefined || other === undefined) return undefined;
  const title = `${one} against ${other}`;
  const content = html`${chooser(data, ['metric'])}
  ${chart('group-chart', '', 'Coloured: not distinguishable from the best on at least one axis.')}`;
  return { title, section: foldable('groups', title, content, 'scripted') };
}

/** The cost of detectors, or how to measure it if the run did not. */
export function costSection({ results, costs }: RunResults, data: PageData): Markup | undefined {
  if (results.length === 0) return undefined;
  if (!costs) {
    const absent = html`<p>This run did not measure costs. <code>farout run --costs</code> measures them.</p>`;
    return foldable('cost', 'Cost', absent);
  }
  const network = costs.backbone === undefined ? '' : `, in addition to the network’s ${timeText(costs.backbone)}`;
  const content = html`<p>
      The tables above show the time per image of each detector on one CPU thread${network}. If a detector runs the
      network itself, for example for gradients, its time includes that.
    </p>
    <div class="scripted" hidden>
      ${chooser(data, ['metric', 'column'])} ${chart('cost-chart', '', 'Coloured: not distinguishable from the best.')}
    </div> `;
  return foldable('cost', 'Cost', content);
}

const chart = (id: string, name: string, note: string) =>
  html`<figure class="wide">
    ${name === '' ? undefined : html`<figcaption>${name}</figcaption>`}
    <p class="note">${note}</p>
    <div id="${id}"></div>
  </figure>`;
