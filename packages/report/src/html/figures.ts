import type { RunResults } from '@farout/core';
import { bestDetector } from './best-detector.ts';
import { html, type Markup } from './markup.ts';

/** A picture below its name. */
export const figure = (name: string, picture: Markup): Markup =>
  html`<figure>
    <figcaption>${name}</figcaption>
    ${picture}
  </figure>`;

/** Pictures beside each other, as many as fit. */
export const figures = (all: readonly Markup[]): Markup => html`<div class="figures">${all}</div>`;

/** What is shown of each detector, folded up under its name; that of the best one, or of the first, lies open. */
export async function perDetector(
  detectors: readonly string[],
  results: RunResults,
  show: (detector: string) => Promise<Markup>,
): Promise<Markup[]> {
  const best = bestDetector(results);
  const open = best !== undefined && detectors.includes(best) ? best : detectors[0];
  const shown: Markup[] = [];
  for (const detector of detectors) {
    const content = await show(detector);
    shown.push(
      html`<details${detector === open ? html` open` : undefined}>
        <summary>${detector}</summary>
        ${content}
      </details>`,
    );
  }
  return shown;
}
