import type { Rectification, ReportData, RunResults } from '@farout/core';
import { pooledChart } from '../charts/pooled-chart.ts';
import { unitChart } from '../charts/unit-chart.ts';
import { figure, figures } from '../figures.ts';
import { idSet } from '../id-set.ts';
import { setLegend } from '../charts.ts';
import { html, type Markup } from '../markup.ts';
import { unitsByMean, type UnitBand } from '../units-by-mean.ts';

/** What hooks do to the penultimate activations: unit by unit, before and after, and all of them pooled. */
export async function rectificationSection(
  results: RunResults,
  { rectifications }: ReportData,
): Promise<Markup | undefined> {
  if (rectifications.length === 0) return undefined;
  const shown: Markup[] = [];
  for (const each of rectifications) shown.push(await hooksOf(each, idSet(results)));
  return html`<section id="activations">
    <h2>Penultimate activations</h2>
    ${shown}
  </section>`;
}

async function hooksOf(rectification: Rectification, id: string): Promise<Markup> {
  const { detectors, c, before, pooled } = rectification;
  const { width, perPoint } = unitsByMean(rectification);
  const oodSets = pooled.slice(1).map(({ set }) => set);
  const rows: Markup[] = [];
  for (const [index, ood] of oodSets.entries()) rows.push(await setFigures(rectification, index + 1, ood));
  return html`<h3>${detectors.join(', ')}${c === undefined ? undefined : `: c = ${c.toPrecision(4)}`}</h3>
    ${setLegend(id, c === undefined ? undefined : `c, ${belowC(rectification)}`)} ${rows}
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
