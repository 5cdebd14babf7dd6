import type { Mistake, ReportData, RunResults } from '@farout/core';
import { html, type Markup, perDetector } from '../markup.ts';

/** The images that detectors got most wrong. */
export async function mistakeSection(results: RunResults, { mistakes }: ReportData): Promise<Markup | undefined> {
  if (mistakes.length === 0) return undefined;
  const show = (detector: string) => {
    const { highestOod, lowestId } = mistakes.find((each) => each.detector === detector)!;
    const threshold = results.thresholds[detector];
    return Promise.resolve(
      html`<h3>OOD images with the highest scores</h3>
        ${gallery(highestOod)}
        <h3>ID images with the lowest scores</h3>
        ${gallery(lowestId)}
        ${
          threshold === undefined
            ? undefined
            : html`<p class="note">An image counts as ID when its score is greater than ${scoreText(threshold)}.</p>`
        }`,
    );
  };
  return html`<section id="mistakes">
    <h2>What it got most wrong</h2>
    ${await perDetector(
      mistakes.map(({ detector }) => detector),
      results,
      show,
    )}
  </section>`;
}

const gallery = (images: readonly Mistake[]) =>
  html`<ul class="gallery">
    ${images.map(
      ({ dataset, image, score, thumbnail, noThumbnail = 'not readable any more' }) =>
        html`<li>
          ${
            thumbnail === undefined
              ? html`<div class="gone" title="${noThumbnail}">${noThumbnail}</div>`
              : html`<img src="data:image/jpeg;base64,${thumbnail}" alt="${image} of ${dataset}" />`
          }
          <span class="score">${scoreText(score)}</span>
          <span class="from">${dataset}</span>
          <span class="name" title="${image}">${shortened(image)}</span>
        </li>`,
    )}
  </ul>`;

/** Names of images often differ at their ends only. */
const shortened = (name: string) => (name.length > 15 ? `…${name.slice(-14)}` : name);

const scoreText = (score: number): string => {
  if (Number.isFinite(score)) return score.toPrecision(4);
  return score > 0 ? '∞' : '−∞';
};
