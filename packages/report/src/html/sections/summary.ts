import { z, type RunResults } from '@farout/core';
import { idAccuracy } from '../../id-accuracy.ts';
import { shortfalls } from '../../shortfalls.ts';
import { bestDetector } from '../best-detector.ts';
import { html, type Markup } from '../markup.ts';

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

function finding(results: RunResults): Markup | undefined {
  const best = bestDetector(results);
  if (!best) return undefined;
  const { detector, metric, on, value, next } = best;
  const others = next && html`, before ${next.detector} with ${next.value}`;
  return html`<p class="finding">
    <strong>${detector}</strong> has the ${metric}, ${on}: <strong>${value}</strong>${others}.
  </p>`;
}
