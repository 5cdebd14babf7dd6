import type { RunResults } from '@farout/core';
import { timeText } from '../client/draw.ts';
import type { PageData } from '../client/page-data.ts';
import { foldable, html, type Markup } from '../markup.ts';
import { chooser } from './chooser.ts';

/** Places for charts of all results, which the script fills. */
export function chartSection({ results }: RunResults, data: PageData): Markup | undefined {
  if (results.length === 0) return undefined;
  const dots = results.some(({ interval }) => interval)
    ? 'Dots with 95 % intervals; ★ not told apart from the best.'
    : '';
  const content = html`${chooser(data, ['metric', 'column'])}
    <div class="pair">
      ${chart('heat', 'All detectors on all sets', 'In percent. The better, the stronger the colour, in each column by itself.')}
      ${chart('ranking', 'In order', dots)}
    </div>`;
  return foldable('charts', 'At a glance', content, 'scripted');
}

/** All rows against a baseline, where differences were tested. */
export function comparisonSection(results: RunResults, data: PageData): Markup | undefined {
  if ((results.paired ?? []).length === 0) return undefined;
  const content = html`${chooser(data, ['baseline', 'metric', 'column'])}
    <p class="note" id="compared"></p>
    <p class="note">
      An interval is of one difference. Holm’s p allows for all rows that are compared: it may say "not told apart"
      where an interval leaves 0 out.
    </p>
    ${chart('differences', 'Differences', 'Dots with 95 % intervals of each difference; bold where Holm’s p is at most 5 %.')}
    <details>
      <summary>The same as a table</summary>
      <div id="differences-table"></div>
    </details>`;
  return foldable('against', html`Against <span class="baseline"></span>`, content, 'scripted');
}

/** How the first two groups go together; undefined where there are not two. */
export function groupSection(data: PageData): { readonly title: string; readonly section: Markup } | undefined {
  const [one, other] = data.groups.map((at) => data.columns[at]!);
  if (one === undefined || other === undefined) return undefined;
  const title = `${one} against ${other}`;
  const content = html`${chooser(data, ['metric'])}
  ${chart('group-chart', '', 'Coloured: not told apart from the best on either.')}`;
  return { title, section: foldable('groups', title, content, 'scripted') };
}

/** What numbers cost; where that was not measured, how it would be. */
export function costSection({ results, costs }: RunResults, data: PageData): Markup | undefined {
  if (results.length === 0) return undefined;
  if (!costs) {
    const absent = html`<p>This run did not measure what detectors cost; <code>farout run --costs</code> does.</p>`;
    return foldable('cost', 'Cost', absent);
  }
  const network = costs.backbone === undefined ? '' : `, on top of the network’s ${timeText(costs.backbone)}`;
  const content = html`<p>
      The tables above say what each detector takes an image on one CPU thread${network}. Detectors that run the network
      themselves, as for gradients, have that in their time.
    </p>
    <div class="scripted" hidden>
      ${chooser(data, ['metric', 'column'])} ${chart('cost-chart', '', 'Coloured: not told apart from the best.')}
    </div> `;
  return foldable('cost', 'Cost', content);
}

const chart = (id: string, name: string, note: string) =>
  html`<figure class="wide">
    ${name === '' ? undefined : html`<figcaption>${name}</figcaption>`}
    <p class="note">${note}</p>
    <div id="${id}"></div>
  </figure>`;
