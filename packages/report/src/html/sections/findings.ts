import type { MetricTraits, ReportData, RunResults } from '@farout/core';
import type { Best } from '../../best.ts';
import { choicesOf, choiceText } from '../../choices.ts';
import { differencesFrom, type Differences } from '../../differences.ts';
import { tooFewImages } from '../../notes.ts';
import { bracketed, counted, readable } from '../../numbers.ts';
import { standing } from '../../standing.ts';
import { timeText } from '../client/draw.ts';
import type { PageData } from '../client/page-data.ts';
import { firstChoice } from '../client/state.ts';
import { html, type Content, type Markup } from '../markup.ts';
import { gainOver } from './answers.ts';
import { named, nameOf } from './names.ts';

/**
 * The headline: the first detector, its lead, whether these images support it, its tuning and cost, and a link to its mistakes. There is one
 * per metric and set, group or average. The reader's choice is visible; without JavaScript, the average of the first metric.
 */
export function findings(results: RunResults, data: ReportData, drawn: PageData): Markup[] {
  const choice = firstChoice(drawn);
  const differences = differencesFrom(results.results[0]?.detector ?? '', results);
  return results.metrics
    .flatMap((metric, m) =>
      drawn.columns.map((ood, column) => {
        const content = finding(results, data, metric, {
          ood,
          column,
          differences: differences.find((each) => each.metric === metric.name && each.ood === ood),
        });
        const isShown = m === choice.metric && column === choice.column;
        return (
          content &&
          html`<div
            class="finding"
            data-metric="${metric.name}"
            data-column="${column}"
            ${isShown ? undefined : html`hidden`}
          >
            ${content}
          </div>`
        );
      }),
    )
    .filter((each) => each !== undefined);
}

/** The subject of a finding: the name of a set, group or average, its column, and the differences from the first row there. */
interface Place {
  readonly ood: string;
  readonly column: number;
  readonly differences: Differences | undefined;
}

function finding(results: RunResults, data: ReportData, by: MetricTraits, place: Place): Markup | undefined {
  const found = standing(results, by, place.ood);
  if (!found) return undefined;
  const { best, metric, better, on, ranked } = found;
  const [first, next] = ranked;
  const where = `by ${metric}, ${on} (${better} is better)`;
  const ranks = html`<strong>${nameOf(first!.detector)}</strong> ranks first ${where}:
    <strong>${first!.value}</strong>`;
  const sentences: Record<Exclude<typeof best.kind, 'none'>, () => Content> = {
    tested: () =>
      html`<p>${ranks}${first!.interval && html` <span class="whole">${bracketed(first!.interval)}</span>`}.</p>
        <div>
          ${apart(
            best,
            ranked.map(({ detector }) => detector),
          )}
        </div>
        <div>${against(results, by, place, first!.detector)}</div>`,
    one: () => html`<p>${ranks}${next && html`, followed by ${nameOf(next.detector)} with ${next.value}`}.</p>`,
    several: () =>
      html`<p>${best.detectors.join(' and ')} share first place ${where}: <strong>${first!.value}</strong>.</p>`,
    'all-equal': () => html`<p>No detector ranks first ${where}: all have <strong>${first!.value}</strong>.</p>`,
    'too-few-images': () => html`<p>${tooFewImages(results).join(' ')}</p>`,
  };
  const isOne = best.kind === 'tested' || best.kind === 'one';
  return html`${sentences[best.kind as keyof typeof sentences]()}
  ${isOne ? about(first!.detector, results, data) : undefined}`;
}

/** The detectors that these images cannot distinguish from the first. */
function apart({ detectors, compared }: Best, [first, ...next]: readonly string[]): Markup {
  const others = next.filter((detector) => detectors.includes(detector));
  return others.length === 0
    ? html`These images distinguish ${nameOf(first!)} from the ${counted(compared - 1, 'other detector')}.`
    : html`${named(others)} may be as good: these images cannot distinguish ${others.length === 1 ? 'it' : 'them'} from
      ${nameOf(first!, '.')}`;
}

/** The difference from the first row of the experiment; with JavaScript, from the reader's baseline. */
function against(results: RunResults, metric: MetricTraits, { column, differences }: Place, first: string): Markup {
  const baseline = results.results[0]!.detector;
  return html`Against <span class="whole baseline">${baseline}</span>:
    <span class="gain" data-column="${column}" data-detector="${first}"
      >${gainOver(baseline, first, differences, metric)}</span
    >.`;
}

/** Tuning, cost and mistakes of the first detector. Each line names it, because the table below names others. */
function about(detector: string, results: RunResults, { mistakes }: ReportData): Markup {
  const fails = mistakes.some((each) => each.detector === detector);
  return html`<ul class="about">
    <li>${nameOf(detector)} ${tuning(detector, results)} <a href="#choices">Tuning</a></li>
    <li>${cost(detector, results)} <a href="#cost">Cost</a></li>
    ${
      fails
        ? html`<li>
            <a href="#mistakes" data-detector="${detector}">The images that ${detector} gets most wrong</a>
          </li>`
        : undefined
    }
  </ul>`;
}

function tuning(detector: string, results: RunResults): string {
  const choice = choicesOf(results).find(([name]) => name === detector)?.[1];
  const chosen = choice
    ? `was tuned: ${choiceText(choice, results)}`
    : 'was not tuned: its parameters are defaults or set in the experiment';
  const learns = Object.keys(results.fitted[detector] ?? {}).length > 0;
  return `${chosen}.${learns ? ` It is fitted on ${fitSets(results)}.` : ''}`;
}

const enumeration = new Intl.ListFormat('en-GB', { type: 'disjunction' });

/** The sets that parts learn from: `validation (2,000 images)`. */
export function fitSets({ datasets }: RunResults): string {
  const sets = Object.entries(datasets).filter(([, { roles }]) => roles.includes('fit'));
  return enumeration.format(sets.map(([name, set]) => `${name} (${counted(readable(set), 'image')})`));
}

function cost(detector: string, { costs }: RunResults): Content {
  const name = nameOf(detector);
  if (!costs) return html`The cost of ${name} was not measured. <code>farout run --costs</code> measures it.`;
  const own = costs.detectors[detector];
  if (own === undefined) return html`The cost of ${name} was not measured.`;
  return html`${name} takes ${timeText(own)} per image ${besideNetwork(own, costs.backbone)}.`;
}

/** The time of a detector that runs the network itself, for example for gradients, includes those passes, so it is not added to the network's. */
function besideNetwork(own: number, network: number | undefined): string {
  if (network === undefined) return 'on one CPU thread';
  return own < network
    ? `in addition to the network’s ${timeText(network)} (one CPU thread)`
    : `on one CPU thread, including any passes of its own through the network; the network alone takes ${timeText(network)}`;
}
