import type { SourcePlace } from '@farout/core';
import { isMadeSet, madeSets, type Experiment } from '../experiment.ts';
import { namedIn, type DatasetRoles, type NamedDataset } from './datasets.ts';
import type { Faults } from './faults.ts';
import { nodeAt, type MapNode } from './node.ts';

/** The named datasets without those that are generated. */
export const withoutMade = (root: MapNode, sets: readonly NamedDataset[]): NamedDataset[] =>
  sets.filter(({ name }) => !isMadeIn(root, name));

/** A name means a generated set unless the experiment defines a dataset of that name. */
function isMadeIn(root: MapNode, name: string): boolean {
  const defined = nodeAt(root, ['datasets']);
  return isMadeSet(name) && !(defined?.kind === 'map' && defined.entries.has(name));
}

/** The OOD sets that select parameters, each at its place; the generated sets if the experiment names none. */
export function setsThatChoose(root: MapNode): readonly NamedDataset[] {
  const ood = nodeAt(root, ['select', 'ood']);
  const place = root.entries.get('select')?.keyPlace ?? root.place;
  return ood ? namedIn(ood) : madeSets.map((name) => ({ name, place }));
}

/** Generated images need the whole network: records a fault if the backbone has only its last layer. */
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
