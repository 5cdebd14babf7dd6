import { type DatasetSummary, type RunResults, z } from '@farout/core';
import { stringify } from 'yaml';
import { counted } from '../../numbers.ts';
import { dataTable, foldable, html, type Markup } from '../markup.ts';

/** Everything needed to reproduce the numbers, and how long the run took. */
export function provenance(results: RunResults): Markup {
  const { device, versions, datasets, experiment } = results;
  const { weights = {}, ...ours } = results.hashes;
  const content = html`${detectorSection(results)}
    <h3>Images</h3>
    ${dataTable(['set', 'role', 'images', 'unreadable', 'SHA-256 of the content'], Object.entries(datasets).map(datasetRow))}
    ${unreadable(datasets)}
    <h3>Time</h3>
    ${dataTable(
      ['stage', 'seconds'],
      Object.entries(results.seconds).map(([stage, seconds]) => [stage, seconds.toFixed(2)]),
    )}
    <p class="note">${speed(results)}</p>
    <h3>Versions</h3>
    ${dataTable(['program', 'version'], [...Object.entries(versions), ['device', device]])}
    ${dataTable(
      ['item', 'SHA-256'],
      [...Object.entries(ours), ...Object.entries(weights)].map(([of, hash]) => [of, html`<code>${hash}</code>`]),
      'wrapping',
    )}
    <details>
      <summary>The experiment</summary>
      <pre tabindex="0">${stringify(experiment)}</pre>
    </details>`;
  return foldable('provenance', 'Provenance', content);
}

const datasetRow = ([name, { roles, images, unreadable: lost, fingerprint }]: [string, DatasetSummary]) => [
  name,
  roles.join(', '),
  String(images),
  String(lost.length),
  html`<code>${fingerprint}</code>`,
];

function speed({ imagesRead, seconds }: RunResults): string {
  if (imagesRead === 0) return 'This run read no images: all features were in the store.';
  const rate = seconds.extract ? `, ${Math.round(imagesRead / seconds.extract)} per second` : '';
  return `“extract” read ${counted(imagesRead, 'image')}${rate}; an image read in two passes counts twice. Its time includes reading and decoding files, running the network, and everything that detectors compute from images, such as gradients.`;
}

function unreadable(datasets: RunResults['datasets']): Markup | undefined {
  const lost = Object.entries(datasets).flatMap(([name, set]) => set.unreadable.map((each) => ({ name, ...each })));
  if (lost.length === 0) return undefined;
  return html`<details>
    <summary>${counted(lost.length, 'image')} left out as unreadable</summary>
    <ul>
      ${lost.map(({ name, image, reason }) => html`<li>${name}, ${image}: ${reason}</li>`)}
    </ul>
  </details>`;
}

const parts = z.array(z.record(z.string(), z.record(z.string(), z.unknown())));
const experiment = z.object({ detectors: z.record(z.string(), parts) });

/** The parts of each detector; undefined if the run's experiment does not list them. */
function detectorSection({ experiment: resolved }: RunResults): Markup | undefined {
  const { data } = experiment.safeParse(resolved);
  if (!data) return undefined;
  const rows = Object.entries(data.detectors).map(([name, chain]) => [
    name,
    chain.flatMap((part) => Object.entries(part).map(([part, params]) => described(part, params))).join(' → '),
  ]);
  return html`<details>
    <summary>${counted(rows.length, 'detector')} with their parameters</summary>
    ${dataTable(['detector', 'hooks → scorer'], rows, 'wrapping')}
  </details>`;
}

function described(part: string, params: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(params).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return given.length > 0 ? `${part} (${given.join(', ')})` : part;
}
