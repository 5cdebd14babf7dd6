import type { ParameterSweep, ReportData, RunResults } from '@farout/core';
import { metricLabel } from '../../numbers.ts';
import { lineLegend, sweepChart } from '../charts.ts';
import { figure, figures, html, type Markup, perDetector } from '../markup.ts';

/** The metrics that are drawn, as far as they were measured. */
const drawn = ['fpr95', 'fpr95-ood-positive', 'auroc'];

/** Metrics against parameters of hooks. */
export async function sweepSection(
  results: RunResults,
  { sweeps, unfinished = [] }: ReportData,
): Promise<Markup | undefined> {
  const metrics = results.metrics.filter(({ name }) => drawn.includes(name));
  if (sweeps.length === 0 || metrics.length === 0) return undefined;
  const [first] = sweeps;
  const parameters = [...new Set(sweeps.map(({ parameter }) => parameter))].join(' and ');
  return html`<section id="sweeps">
    <h2>The choice of the ${parameters}</h2>
    ${lineLegend(first!.sets.map(({ ood }) => ood))}
    ${await perDetector(
      sweeps.map(({ detector }) => detector),
      results,
      (detector) =>
        sweepFigures(
          sweeps.find((sweep) => sweep.detector === detector)!,
          metrics,
        ),
    )}
    <p class="note">
      Everything else as in the run. The broken line is the value of this run. Where all scores are equal, FPR95 with ID
      positive is 0 by its definition.
      ${first!.imagesPerSet === undefined ? undefined : `Computed from at most ${first!.imagesPerSet} images of each set.`}
      ${unfinished.map((what) => `Cut short: ${what}. `)}
    </p>
  </section>`;
}

async function sweepFigures(
  { parameter, settings, chosen, sets, detector }: ParameterSweep,
  metrics: RunResults['metrics'],
): Promise<Markup> {
  const all = metrics.map(async ({ name, better }) => {
    const points = sets.flatMap(({ values }, line) =>
      // Two files say what was measured; one that lacks a metric draws no line.
      settings.flatMap((x, index) => {
        const value = values[name]?.[index];
        return value === undefined ? [] : [{ line, x, y: 100 * value }];
      }),
    );
    const datasets = { points, chosen: chosen === undefined ? [] : [{ at: chosen }] };
    const { title } = metricLabel(name);
    return figure(
      `${title} ${better === 'lower' ? '↓' : '↑'}`,
      await sweepChart(title.split(',')[0]!, parameter)(`${title} of ${detector} against ${parameter}`, { datasets }),
    );
  });
  return figures(await Promise.all(all));
}
