import { averageOfSets, type SourcePlace } from '@farout/core';
import type { ConfigNode, MapNode } from './node.ts';
import type { Mistakes } from './faults.ts';

/** A dataset as `id`, `fit` or `ood` names it. */
export interface NamedDataset {
  readonly name: string;
  readonly place: SourcePlace;
}

/** Which dataset an experiment uses for what. */
export interface DatasetRoles {
  readonly id: NamedDataset | undefined;
  readonly fit: NamedDataset | undefined;
  readonly ood: readonly NamedDataset[];
}

/** Reads the roles; a dataset that is in and out of distribution at once is noted. */
export function readRoles({ entries }: MapNode, mistakes: Mistakes): DatasetRoles {
  const id = named(entries.get('id')?.value);
  const fit = named(entries.get('fit')?.value);
  const list = entries.get('ood')?.value;
  const ood = (list?.kind === 'list' ? list.items : []).map(named).filter((dataset) => dataset !== undefined);
  for (const { name, place } of ood) {
    if (name === averageOfSets) {
      const message = `"${name}" is what results call the mean over all OOD sets`;
      mistakes.add('OOD_DUPLICATE_NAME', place, message, { fix: 'Give this dataset another name.' });
    }
    const other = name === id?.name ? 'id' : name === fit?.name ? 'fit' : undefined;
    if (!other) continue;
    mistakes.add(
      'OOD_DUPLICATE_NAME',
      place,
      `"${name}" is out of distribution here, but also the "${other}" dataset`,
      {
        fix: `Leave it out of "ood", or name another dataset in "${other}".`,
      },
    );
  }
  return { id, fit, ood };
}

function named(node: ConfigNode | undefined): NamedDataset | undefined {
  if (node?.kind !== 'scalar' || node.incomplete || typeof node.value !== 'string') return undefined;
  return { name: node.value, place: node.place };
}
