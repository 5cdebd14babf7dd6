import { didYouMean } from '@farout/core';
import { madeSets, type Experiment, type Selection } from '../experiment.ts';
import { namedIn, type DatasetRoles, type NamedDataset } from './datasets.ts';
import { checkDuplicates } from './faults.ts';
import { setsThatChoose, withoutMade } from './made-sets.ts';
import { resolveMetric } from './metrics.ts';
import { nodeAt, readPart, type MapNode } from './node.ts';
import type { PartContext } from './parts.ts';
import type { ExperimentKeys } from './schema.ts';

/** The datasets that `select` names, without the generated ones. */
export const selectSets = (root: MapNode): readonly NamedDataset[] => [
  ...namedIn(nodeAt(root, ['select', 'id'])),
  ...withoutMade(root, namedIn(nodeAt(root, ['select', 'ood']))),
];

/** The rest of the experiment, as far as `select` depends on it. */
type Surroundings = Pick<Experiment, 'detectors' | 'metrics'> & { readonly roles: DatasetRoles };

/**
 * How points of sweeps are selected. Undefined if the experiment does not select, or if there is a fault, which is
 * recorded; above all, a set that detectors are also tested on.
 */
export async function resolveSelect(
  root: MapNode,
  keys: ExperimentKeys | undefined,
  { detectors, metrics, roles }: Surroundings,
  context: PartContext,
): Promise<Selection | undefined> {
  const entry = root.entries.get('select');
  const written = keys?.select;
  if (!entry || !written) return undefined;
  const { keyPlace: place } = entry;
  checkRoles(root, roles, written.allowTestSets, context);
  if (!detectors.some(({ point }) => point)) {
    context.faults.add('OOD_CONFIG_TYPE', place, '"select" has nothing to choose: no detector has a sweep', {
      fix: 'Give a parameter several values, such as { sweep: [80, 90] }, or remove "select".',
    });
  }
  checkShown(root, detectors, context);
  const by = nodeAt(root, ['select', 'by']);
  const named = by && readPart(by);
  const metric = named ? await resolveMetric(named, context) : metrics[0];
  const ood = [written.ood ?? madeSets].flat();
  const { show, allowTestSets } = written;
  return metric && { by: metric, id: [written.id].flat(), ood, show, allowTestSets, place };
}

/** Records a fault for every set of `select` that also has a role that excludes it. */
function checkRoles(
  root: MapNode,
  { id, fit, ood }: DatasetRoles,
  allowTestSets: boolean,
  { faults }: PartContext,
): void {
  const [inside, outside] = ['id', 'ood'].map((key) => nodeAt(root, ['select', key]));
  checkDuplicates(inside, faults);
  checkDuplicates(outside, faults);
  const isIn = (sets: readonly NamedDataset[], name: string) => sets.some((set) => set.name === name);
  for (const { name, place } of [...namedIn(inside), ...setsThatChoose(root)]) {
    const role = isIn(id, name) ? 'id' : isIn(ood, name) ? 'ood' : undefined;
    if (role === undefined || allowTestSets) continue;
    const message = `"${name}" would be used to choose parameters, but detectors are tested on it: it is in "${role}"`;
    const other =
      outside || role === 'id' ? 'Name a set of other images.' : 'Name other sets: select: { ood: [name] }.';
    faults.add('OOD_SELECTION_LEAK', place, message, {
      fix: `${other} To run it anyway: select: { …, allowTestSets: true }; results then say so.`,
    });
  }
  for (const { name, place } of namedIn(outside)) {
    const other = isIn(namedIn(inside), name) ? '"id" of "select"' : name === fit?.name ? '"fit"' : undefined;
    if (!other) continue;
    faults.add('OOD_DUPLICATE_NAME', place, `"${name}" is out of distribution here, but is also in ${other}`, {
      fix: 'Name another dataset.',
    });
  }
}

/** Records a fault for every detector that `show` names but that has no sweep. */
function checkShown(root: MapNode, detectors: Experiment['detectors'], { faults }: PartContext): void {
  const show = nodeAt(root, ['select', 'show']);
  const names = [...new Set(detectors.flatMap(({ point }) => point?.of ?? []))];
  for (const [name, { keyPlace }] of show?.kind === 'map' ? show.entries : []) {
    if (names.includes(name)) continue;
    faults.add('OOD_CONFIG_TYPE', keyPlace, `"show" names "${name}", which is not a detector with a sweep`, {
      fix: didYouMean(name, names) ?? 'Name a detector with a parameter that lists several values, or remove it.',
      choices: { title: 'Detectors with a sweep', names },
    });
  }
}
