import { z, type RunResults } from '@farout/core';
import { dataTable } from '../data-table.ts';
import { html, type Markup } from '../markup.ts';

const parts = z.array(z.record(z.string(), z.record(z.string(), z.unknown())));
const experiment = z.object({ detectors: z.record(z.string(), parts) });

/** What each detector is made of; nothing where the run's experiment does not say. */
export function detectorSection({ experiment: resolved }: RunResults): Markup | undefined {
  const { data } = experiment.safeParse(resolved);
  if (!data) return undefined;
  const rows = Object.entries(data.detectors).map(([name, chain]) => [
    name,
    chain.flatMap((part) => Object.entries(part).map(([part, params]) => described(part, params))).join(' → '),
  ]);
  return html`<h3>Detectors</h3>
    ${dataTable(['detector', 'hooks → scorer'], rows)}`;
}

function described(part: string, params: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(params).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return given.length > 0 ? `${part} (${given.join(', ')})` : part;
}
