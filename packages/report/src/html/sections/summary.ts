import { z, type RunResults } from '@farout/core';
import { tooFewImages } from '../../notes.ts';
import { idAccuracy } from '../../numbers.ts';
import { shortfalls } from '../../shortfalls.ts';
import { standing } from '../../tables.ts';
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

/** Who is first by the metric that the experiment names first, or why nobody is. */
function finding(results: RunResults): Markup | undefined {
  const found = standing(results);
  if (!found) return undefined;
  const { best, metric, better, on, ranked } = found;
  const [first] = ranked;
  const by = `by ${metric}, ${on} (${better} is better)`;
  const sentences: Record<Exclude<typeof best.kind, 'none'>, () => Content> = {
    one: () => {
      const [, next] = ranked;
      const others = next && html`, followed by ${next.detector} with ${next.value}`;
      return html`<strong>${first!.detector}</strong> ranks first ${by}: <strong>${first!.value}</strong>${others}.`;
    },
    several: () => html`${best.detectors.join(' and ')} share the first place ${by}: <strong>${first!.value}</strong>.`,
    'all-equal': () => html`No detector is first ${by}: all have <strong>${first!.value}</strong>.`,
    'too-few-images': () => tooFewImages(results).join(' '),
  };
  return html`<p class="finding">${sentences[best.kind as keyof typeof sentences]()}</p>`;
}
