import type { PageData } from '../client/page-data.ts';
import { firstChoice, type Choice } from '../client/state.ts';
import { html, type Markup } from '../markup.ts';

/** Choices that the page offers in several places. */
type Chosen = Extract<keyof Choice, 'metric' | 'column' | 'baseline'>;

const labels: Readonly<Record<Chosen, string>> = { metric: 'Metric', column: 'On', baseline: 'Compare with' };

/**
 * Drop-down lists next to the content they change. The page has several, kept in sync. Hidden without JavaScript; undefined if there is
 * nothing to choose.
 */
export function chooser(data: PageData, kinds: readonly Chosen[]): Markup | undefined {
  const lists = kinds.filter((kind) => namesOf(data, kind).length > 1);
  if (lists.length === 0) return undefined;
  const first = firstChoice(data);
  return html`<p class="controls scripted" hidden>
    ${lists.map(
      (kind) =>
        html`<label
          >${labels[kind]}
          <select data-choice="${kind}">
            ${namesOf(data, kind).map((name, at) => html`<option value="${at}" ${at === first[kind] ? html`selected` : undefined}>${name}</option>`)}
          </select></label
        >`,
    )}
  </p>`;
}

function namesOf({ metrics, columns, detectors }: PageData, kind: Chosen): readonly string[] {
  if (kind === 'metric') return metrics.map(({ label }) => label);
  if (kind === 'column') return columns;
  const isTested = metrics.some((metric) => metric.columns.some(({ compared }) => compared > 0));
  return isTested ? detectors : [];
}
