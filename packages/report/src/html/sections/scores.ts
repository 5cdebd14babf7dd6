import { idShare95, type Mistake, type ReportData, type RunResults } from '@farout/core';
import { comparedSets } from '../../best.ts';
import { fewestForShare } from '../../notes.ts';
import { percent } from '../../numbers.ts';
import {
  histogramPlots,
  legendLine,
  rocPlots,
  shownAtFirst,
  withCurves,
  withHistograms,
  type Captioned,
} from '../client/curves.ts';
import type { PageData } from '../client/page-data.ts';
import { firstChoice } from '../client/state.ts';
import { figure, foldable, html, perDetector, type Markup, written } from '../markup.ts';
import type { Pictures } from '../pictures.ts';

/** ROC curves of the best detectors on each OOD set, and score histograms of the best. With JavaScript the reader can choose others. */
export function scoreSection(results: RunResults, data: PageData): Markup | undefined {
  if (data.histograms.length === 0 && data.curves.length === 0) return undefined;
  const choice = firstChoice(data);
  const best = withCurves(data, choice).slice(0, shownAtFirst());
  const [first] = withHistograms(data, choice);
  const histograms = first === undefined ? [] : histogramPlots(data, first);
  const content = html`<h3>ROC curves</h3>
    <details class="chooser scripted" hidden>
      <summary>Choose detectors</summary>
      <div id="curve-choice"></div>
    </details>
    <ul class="legend" id="curve-legend">
      ${best.map((detector, at) => html`<li>${written(legendLine(at))}${data.detectors[detector]}</li>`)}
    </ul>
    <div class="figures" id="curves">${rocPlots(data, best).map(captioned)}</div>
    <h3>Distributions</h3>
    ${first === undefined ? undefined : html`<p class="unscripted">Detector: ${data.detectors[first]}</p>`}
    <p class="controls scripted" hidden>
      <label
        >Detector
        <select id="histogram-choice"></select
      ></label>
    </p>
    ${setLegend(results, thresholdLegend(results))}
    <div class="figures" id="histograms">${histograms.map(captioned)}</div>
    <p class="note">
      A higher score means the image looks more in-distribution. Scores beyond the ends of the axis are counted in the
      outermost bars.
    </p>`;
  return foldable('scores', 'Scores', content);
}

const captioned = ({ caption, drawn }: Captioned) => figure(caption, written(drawn));

/** The legend of charts that compare the ID set with an OOD set. */
const setLegend = (results: RunResults, threshold?: string): Markup =>
  html`<ul class="legend">
    <li><span class="swatch id"></span>ID: ${idSets(results)}</li>
    <li><span class="swatch ood"></span>OOD</li>
    ${threshold && html`<li><span class="swatch threshold"></span>${threshold}</li>`}
  </ul>`;

/** The names of the run's ID sets. */
const idSets = ({ datasets }: RunResults): string =>
  comparedSets(datasets).find(({ role }) => role === 'id')?.set ?? '';

/** With few images, no threshold splits off 95 %: the legend gives the actual share. */
const thresholdLegend = ({ datasets }: RunResults) => {
  const count = comparedSets(datasets).find(({ role }) => role === 'id')?.count ?? 0;
  const share = count > 0 && count < fewestForShare ? percent(idShare95(count)) : '95';
  return `threshold that ${share} % of the ID images reach`;
};

/** An entry for a single detector. */
const alone = (name: string) => ({ name, detectors: [name] });

/** The images that each detector misjudged most. */
export async function mistakeSection(
  results: RunResults,
  { mistakes }: ReportData,
  pictures: Pictures,
): Promise<Markup | undefined> {
  if (mistakes.length === 0) return undefined;
  const show = ({ name: detector }: { readonly name: string }) => {
    const { highestOod, lowestId } = mistakes.find((each) => each.detector === detector)!;
    const threshold = results.thresholds[detector];
    const rule =
      threshold === undefined
        ? undefined
        : html`<p>
            ${detector} accepts an image as in-distribution if its score is greater than ${scoreText(threshold)}, and
            rejects all others.
          </p>`;
    return Promise.resolve(
      html`${rule}
        <h3>Out-of-distribution images with the highest scores</h3>
        ${gallery(highestOod, threshold, pictures)}
        <h3>In-distribution images with the lowest scores</h3>
        ${gallery(lowestId, threshold, pictures)}`,
    );
  };
  const folds = await perDetector(
    mistakes.map(({ detector }) => alone(detector)),
    results,
    show,
  );
  return foldable('mistakes', 'Worst mistakes', folds);
}

const gallery = (images: readonly Mistake[], threshold: number | undefined, pictures: Pictures) =>
  html`<ul class="gallery">
    ${images.map(
      ({ dataset, image, score, predicted, thumbnail, noThumbnail = 'no longer readable' }) =>
        html`<li>
          ${pictures.of(thumbnail, `${image} of ${dataset}`) ?? html`<div class="gone" title="${noThumbnail}">${noThumbnail}</div>`}
          <span class="score">${scoreText(score)}</span>
          ${threshold === undefined ? undefined : html`<span>${score > threshold ? 'accepted as in-distribution' : 'rejected'}</span>`}
          <span class="from">${dataset}</span>
          <span class="name" title="${image}">${shortened(image)}</span>
          ${predicted === undefined ? '' : html`<span class="from" title="${predicted}">class: ${shortened(predicted)}</span>`}
        </li>`,
    )}
  </ul>`;

/** Keeps the end: names of images often differ only there. */
const shortened = (name: string) => (name.length > 15 ? `…${name.slice(-14)}` : name);

const scoreText = (score: number): string => {
  if (Number.isFinite(score)) return score.toPrecision(4);
  return score > 0 ? '∞' : '−∞';
};
