import type { SourcePlace } from '@farout/core';
import { isMadeSet, madeSets, type Experiment } from '../experiment.ts';
import { namedIn, type DatasetRoles, type NamedDataset } from './datasets.ts';
import type { Faults } from './faults.ts';
import { nodeAt, type MapNode } from './node.ts';

/** Those of the named datasets that are not made. */
export const withoutMade = (root: MapNode, sets: readonly NamedDataset[]): NamedDataset[] =>
  sets.filter(({ name }) => !isMadeIn(root, name));

/** A set is made unless a dataset of the experiment has its name. */
function isMadeIn(root: MapNode, name: string): boolean {
  const defined = nodeAt(root, ['datasets']);
  return isMadeSet(name) && !(defined?.kind === 'map' && defined.entries.has(name));
}

/** The sets out of distribution that choose parameters, each where the experiment names it; where it names none, those that are made. */
export function setsThatChoose(root: MapNode): readonly NamedDataset[] {
  const ood = nodeAt(root, ['select', 'ood']);
  const place = root.entries.get('select')?.keyPlace ?? root.place;
  return ood ? namedIn(ood) : madeSets.map((name) => ({ name, place }));
}

/** Notes that images cannot be made for a network of which only the last layer is there. */
export function refuseMade(
  root: MapNode,
  { ood }: DatasetRoles,
  { definition }: Experiment['backbone'],
  faults: Faults,
): void {
  if (definition.over === undefined) return;
  const refuse = (key: string, place: SourcePlace, sets: readonly NamedDataset[]) => {
    const made = sets.map(({ name }) => name).filter((name) => isMadeIn(root, name));
    if (made.length === 0) return;
    const message = `"${key}" would generate images (${made.join(', ')}), but the backbone "${definition.name}" has only a last layer`;
    faults.add('OOD_CONFIG_TYPE', place, message, {
      fix: `Name datasets of features${key === 'ood' ? '.' : ', such as those of a validation OOD set: select: { ood: [name] }.'}`,
    });
  };
  const placeOf = (path: readonly string[]) => nodeAt(root, path)?.place;
  refuse('ood', placeOf(['ood']) ?? root.place, ood);
  const select = root.entries.get('select');
  if (select) refuse('select', placeOf(['select', 'ood']) ?? select.keyPlace, setsThatChoose(root));
}
