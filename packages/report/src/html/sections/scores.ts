import { idShare95, type Mistake, type ReportData, type RunResults } from '@farout/core';
import { fewestForShare } from '../../notes.ts';
import { percent } from '../../numbers.ts';
import { comparedSets } from '../../best.ts';
import type { Draw } from '../chart.ts';
import { lineLegend, rocChart, scoreHistogram, setLegend } from '../charts.ts';
import { figure, figures, html, perDetector, type Markup } from '../markup.ts';

type Distributions = ReportData['distributions'];

/** ROC curves of all detectors per OOD set, and per detector the histograms of its scores. */
export async function scoreSection(
  results: RunResults,
  { distributions, curves }: ReportData,
  draw: Draw,
): Promise<Markup | undefined> {
  if (distributions.length === 0) return undefined;
  return html`<section id="scores">
    <h2>Scores</h2>
    <h3>ROC curves</h3>
    ${lineLegend(distinct(curves.map(({ detector }) => detector)))} ${figures(await rocFigures(curves, draw))}
    <h3>Distributions</h3>
    ${setLegend(results, thresholdLegend(results))}
    ${await perDetector(distinct(distributions.map(({ detector }) => detector)).map(alone), results, async ({ name }) =>
      figures(
        await Promise.all(
          distributions.filter((each) => each.detector === name).map((each) => histogramFigure(each, results, draw)),
        ),
      ),
    )}
    <p class="note">
      The higher the score, the more in-distribution the image seems. Scores beyond the ends of the axis are counted in
      the outermost bars.
    </p>
  </section>`;
}

/** Of few images no threshold parts 95 %. */
const thresholdLegend = ({ datasets }: RunResults) => {
  const count = comparedSets(datasets).find(({ role }) => role === 'id')?.count ?? 0;
  const share = count > 0 && count < fewestForShare ? percent(idShare95(count)) : '95';
  return `threshold that ${share} % of the ID images reach`;
};

/** A detector of which nobody shows the same. */
const alone = (name: string) => ({ name, detectors: [name] });

const distinct = (names: readonly string[]) => [...new Set(names)];

function rocFigures(curves: ReportData['curves'], draw: Draw): Promise<Markup[]> {
  const detectors = distinct(curves.map(({ detector }) => detector));
  const chance = [0, 1].map((end) => ({ x: end, y: end }));
  return Promise.all(
    distinct(curves.map(({ ood }) => ood)).map(async (ood) => {
      const points = curves
        .filter((curve) => curve.ood === ood)
        .flatMap(({ detector, falsePositiveRate, truePositiveRate }) =>
          falsePositiveRate.map((x, order) => ({
            line: detectors.indexOf(detector),
            order,
            x,
            y: truePositiveRate[order],
          })),
        );
      const datasets = { points, chance };
      return figure(ood, await draw(`ROC curves of all detectors on ${ood}`, rocChart, { datasets }));
    }),
  );
}

async function histogramFigure(
  { detector, ood, edges, idShares, oodShares }: Distributions[number],
  { thresholds }: RunResults,
  draw: Draw,
): Promise<Markup> {
  const shares = [...stepsOf('ID', edges, idShares), ...stepsOf('OOD', edges, oodShares)];
  const at = thresholds[detector];
  const isShown = at !== undefined && at >= edges[0]! && at <= edges.at(-1)!;
  const datasets = { shares, threshold: isShown ? [{ at }] : [] };
  return figure(ood, await draw(`Scores of ${detector}: ID and ${ood}`, scoreHistogram, { datasets }));
}

/** A step for each bin, and the end of the last. */
const stepsOf = (set: string, edges: readonly number[], shares: readonly number[]) =>
  edges.map((from, bin) => ({ set, from, share: shares[bin] ?? shares.at(-1) }));

/** The images that detectors got most wrong. */
export async function mistakeSection(results: RunResults, { mistakes }: ReportData): Promise<Markup | undefined> {
  if (mistakes.length === 0) return undefined;
  const show = ({ name: detector }: { readonly name: string }) => {
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
      mistakes.map(({ detector }) => alone(detector)),
      results,
      show,
    )}
  </section>`;
}

const gallery = (images: readonly Mistake[]) =>
  html`<ul class="gallery">
    ${images.map(
      ({ dataset, image, score, predicted, thumbnail, noThumbnail = 'not readable any more' }) =>
        html`<li>
          ${
            thumbnail === undefined
              ? html`<div class="gone" title="${noThumbnail}">${noThumbnail}</div>`
              : html`<img src="data:image/jpeg;base64,${thumbnail}" alt="${image} of ${dataset}" />`
          }
          <span class="score">${scoreText(score)}</span>
          <span class="from">${dataset}</span>
          <span class="name" title="${image}">${shortened(image)}</span>
          ${predicted === undefined ? '' : html`<span class="from" title="${predicted}">taken for ${shortened(predicted)}</span>`}
        </li>`,
    )}
  </ul>`;

/** Names of images often differ at their ends only. */
const shortened = (name: string) => (name.length > 15 ? `…${name.slice(-14)}` : name);

const scoreText = (score: number): string => {
  if (Number.isFinite(score)) return score.toPrecision(4);
  return score > 0 ? '∞' : '−∞';
};
