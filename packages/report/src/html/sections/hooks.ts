import type { ParameterSweep, Rectification, ReportData, RunResults, UnitActivations } from '@farout/core';
import { meaning } from '../../notes.ts';
import { metricHead, metricLabel } from '../../numbers.ts';
import { lineLegend, pooledChart, setLegend, sweepChart, unitChart } from '../charts.ts';
import { figure, figures, html, perDetector, type Markup } from '../markup.ts';

/** What hooks do to the penultimate activations: unit by unit, before and after, and all of them pooled. */
export async function rectificationSection(
  results: RunResults,
  { rectifications }: ReportData,
): Promise<Markup | undefined> {
  if (rectifications.length === 0) return undefined;
  const shown: Markup[] = [];
  for (const each of rectifications) shown.push(await hooksOf(each, results));
  return html`<section id="activations">
    <h2>Penultimate activations</h2>
    ${shown}
  </section>`;
}

async function hooksOf(rectification: Rectification, results: RunResults): Promise<Markup> {
  const { detectors, c, before, pooled } = rectification;
  const { width, perPoint } = unitsByMean(rectification);
  const oodSets = pooled.slice(1).map(({ set }) => set);
  const rows: Markup[] = [];
  for (const [index, ood] of oodSets.entries()) rows.push(await setFigures(rectification, index + 1, ood));
  return html`<h3>${detectors.join(', ')}${c === undefined ? undefined : `: c = ${c.toPrecision(4)}`}</h3>
    ${setLegend(results, c === undefined ? undefined : `c, ${belowC(rectification)}`)} ${rows}
    <p class="note">
      Lines are means over the images of a set, bands one standard deviation to both sides. The ${width} units are in
      the order of their mean on
      ${before[0]!.set}${perPoint > 1 ? `; each point stands for ${perPoint} neighbours` : undefined}. Pooled are all
      activations of a set before the hooks, over images and units; those beyond the end of the axis are counted in its
      last bin. Shares are on a logarithmic scale.
    </p>`;
}

async function setFigures(rectification: Rectification, index: number, ood: string): Promise<Markup> {
  const { before, after, low, high } = unitsByMean(rectification);
  const units = async (when: string, bands: readonly (readonly UnitBand[])[]) =>
    unitChart(`Activations of every unit ${when} the hooks: ID and ${ood}`, {
      datasets: { units: [...named('ID', bands[0]!), ...named('OOD', bands[index]!)] },
      params: { bottom: low, top: high },
    });
  return figures([
    figure(`${ood}, before`, await units('before', before)),
    figure(`${ood}, after`, await units('after', after)),
    figure(`${ood}, pooled`, await pooledPicture(rectification, index, ood)),
  ]);
}

function pooledPicture({ edges, pooled, c }: Rectification, index: number, ood: string): Promise<Markup> {
  const steps = (set: string, shares: readonly number[]) =>
    shares.flatMap((share, bin) => (share > 0 ? [{ set, from: edges[bin], share }] : []));
  const isShown = c !== undefined && c <= edges.at(-1)!;
  return pooledChart(`All activations: ID and ${ood}`, {
    datasets: {
      shares: [...steps('ID', pooled[0]!.shares), ...steps('OOD', pooled[index]!.shares)],
      threshold: isShown ? [{ at: c }] : [],
    },
  });
}

const named = (set: string, bands: readonly UnitBand[]) => bands.map((band) => ({ set, ...band }));

const belowC = ({ edges, c }: Rectification) =>
  c! <= edges.at(-1)! ? 'the rectification threshold' : 'the rectification threshold, beyond the end of the axis';

/** As many points as a narrow picture can show. */
const mostPoints = 128;

/** A point of a chart: one unit, or several neighbours. */
interface UnitBand {
  readonly unit: number;
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** Units in the order of their mean on the ID set before the hooks. Sets as in the rectification, the ID set first. */
interface UnitsByMean {
  readonly before: readonly (readonly UnitBand[])[];
  readonly after: readonly (readonly UnitBand[])[];
  /** The least and the greatest end of a band on either side, so that both can be drawn to one scale. */
  readonly low: number;
  readonly high: number;
  /** How many units there are, and how many of them a point stands for: its mean is theirs, its variance the mean of theirs. */
  readonly width: number;
  readonly perPoint: number;
}

/** Orders units and joins neighbours until few enough points are left. */
export function unitsByMean({ before, after }: Pick<Rectification, 'before' | 'after'>): UnitsByMean {
  const id = before[0]!.mean;
  const order = id.map((_, unit) => unit).sort((a, b) => id[a]! - id[b]! || a - b);
  const perPoint = Math.ceil(order.length / mostPoints);
  const bandsOf = (sets: readonly UnitActivations[]) => sets.map((set) => bands(set, order, perPoint));
  const [bandsBefore, bandsAfter] = [bandsOf(before), bandsOf(after)];
  const all = [...bandsBefore, ...bandsAfter].flat();
  return {
    before: bandsBefore,
    after: bandsAfter,
    low: all.reduce((least, { low }) => Math.min(least, low), Infinity),
    high: all.reduce((most, { high }) => Math.max(most, high), -Infinity),
    width: order.length,
    perPoint,
  };
}

function bands({ mean, deviation }: UnitActivations, order: readonly number[], perPoint: number): UnitBand[] {
  const points: UnitBand[] = [];
  for (let start = 0; start < order.length; start += perPoint) {
    const units = order.slice(start, start + perPoint);
    const average = (value: (unit: number) => number) =>
      units.reduce((sum, unit) => sum + value(unit), 0) / units.length;
    const centre = average((unit) => mean[unit]!);
    const spread = Math.sqrt(average((unit) => deviation[unit]! ** 2));
    points.push({ unit: start + (units.length + 1) / 2, mean: centre, low: centre - spread, high: centre + spread });
  }
  return points;
}

/** All metrics against parameters of hooks. */
export async function sweepSection(
  results: RunResults,
  { sweeps, unfinished = [] }: ReportData,
): Promise<Markup | undefined> {
  const { metrics } = results;
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
      Everything else as in the run. The broken line is the value of this run.
      ${metrics.flatMap(meaning).map((sentence) => `${sentence} `)}
      ${first!.imagesPerSet === undefined ? undefined : `Computed from at most ${first!.imagesPerSet} images of each set.`}
      ${unfinished.map((what) => `Cut short: ${what}. `)}
    </p>
  </section>`;
}

async function sweepFigures(
  { parameter, settings, chosen, sets, detector }: ParameterSweep,
  metrics: RunResults['metrics'],
): Promise<Markup> {
  const all = metrics.map(async (metric) => {
    const { name, title = name } = metric;
    const points = sets.flatMap(({ values }, line) =>
      // Two files say what was measured; one that lacks a metric draws no line.
      settings.flatMap((x, index) => {
        const value = values[name]?.[index];
        return value === undefined ? [] : [{ line, x, y: 100 * value }];
      }),
    );
    const datasets = { points, chosen: chosen === undefined ? [] : [{ at: chosen }] };
    const what = `${metricLabel(metric)} of ${detector} against ${parameter}`;
    return figure(metricHead(metric), await sweepChart(title, parameter)(what, { datasets }));
  });
  return figures(await Promise.all(all));
}
