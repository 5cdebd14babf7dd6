import { didYouMean, type SourcePlace } from '@farout/core';
import { isStandIn, standIns, type Experiment, type Selection } from '../experiment.ts';
import { namedIn, type DatasetRoles, type NamedDataset } from './datasets.ts';
import { checkDuplicates } from './faults.ts';
import { resolveMetric } from './metrics.ts';
import { nodeAt, readPart, type MapNode } from './node.ts';
import type { PartContext } from './parts.ts';
import type { ExperimentKeys } from './schema.ts';

/** The datasets that `select` names, but for those that are made where they are not defined. */
export function selectSets(root: MapNode): readonly NamedDataset[] {
  const defined = nodeAt(root, ['datasets']);
  const isDefined = (name: string) => defined?.kind === 'map' && defined.entries.has(name);
  const ood = namedIn(nodeAt(root, ['select', 'ood'])).filter(({ name }) => !isStandIn(name) || isDefined(name));
  return [...namedIn(nodeAt(root, ['select', 'id'])), ...ood];
}

/** What an experiment is like besides its `select`. */
type Surroundings = Pick<Experiment, 'detectors' | 'metrics'> & {
  readonly backbone: Experiment['backbone'] | undefined;
  readonly roles: DatasetRoles;
};

/**
 * How points of sweeps are chosen; undefined where the experiment does not say, or something is wrong, which is noted: a set that
 * detectors are tested on, above all.
 */
export async function resolveSelect(
  root: MapNode,
  keys: ExperimentKeys | undefined,
  { detectors, metrics, backbone, roles }: Surroundings,
  context: PartContext,
): Promise<Selection | undefined> {
  const entry = root.entries.get('select');
  const written = keys?.select;
  if (!entry || !written) return undefined;
  const { keyPlace: place } = entry;
  checkRoles(root, roles, written.allowTestSets, context);
  if (!detectors.some(({ point }) => point)) {
    context.faults.add('OOD_CONFIG_TYPE', place, '"select" has nothing to choose: no detector has a sweep', {
      fix: 'Give a parameter several values, such as { sweep: [80, 90] }, or leave "select" out.',
    });
  }
  checkShown(root, detectors, context);
  const by = nodeAt(root, ['select', 'by']);
  const named = by && readPart(by);
  const metric = named ? await resolveMetric(named, context) : metrics[0];
  const ood = [written.ood ?? standIns].flat();
  if (backbone)
    refuseMade(ood, selectSets(root), { backbone, place: nodeAt(root, ['select', 'ood'])?.place ?? place }, context);
  const { show, allowTestSets } = written;
  return metric && { by: metric, id: [written.id].flat(), ood, show, allowTestSets, place };
}

/** Notes every set of `select` that is also in another role where it must not be. */
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
  for (const { name, place } of [...namedIn(inside), ...namedIn(outside)]) {
    const role = isIn(id, name) ? 'id' : isIn(ood, name) ? 'ood' : undefined;
    if (role === undefined || allowTestSets) continue;
    const message = `"${name}" would choose parameters, but detectors are tested on it: it is in "${role}"`;
    faults.add('OOD_SELECTION_LEAK', place, message, {
      fix: 'Name a set of other images. Or insist: allowTestSets: true; results then say so.',
    });
  }
  for (const { name, place } of namedIn(outside)) {
    const other = isIn(namedIn(inside), name) ? '"id" of "select"' : name === fit?.name ? '"fit"' : undefined;
    if (!other) continue;
    faults.add('OOD_DUPLICATE_NAME', place, `"${name}" is out of distribution here, but also in ${other}`, {
      fix: 'Name another dataset.',
    });
  }
}

/** Notes every detector that `show` names though it has no points to show. */
function checkShown(root: MapNode, detectors: Experiment['detectors'], { faults }: PartContext): void {
  const show = nodeAt(root, ['select', 'show']);
  const names = [...new Set(detectors.flatMap(({ point }) => point?.of ?? []))];
  for (const [name, { keyPlace }] of show?.kind === 'map' ? show.entries : []) {
    if (names.includes(name)) continue;
    faults.add('OOD_CONFIG_TYPE', keyPlace, `"show" names "${name}", which is no detector with a sweep`, {
      fix: didYouMean(name, names) ?? 'Name a detector of which a parameter lists several values, or leave it out.',
      choices: { title: 'Detectors with a sweep', names },
    });
  }
}

/** Notes that images cannot be made for a network of which only the last layer is there. */
function refuseMade(
  ood: readonly string[],
  sets: readonly NamedDataset[],
  { backbone: { definition }, place }: { readonly backbone: Experiment['backbone']; readonly place: SourcePlace },
  { faults }: PartContext,
): void {
  const made = ood.filter((name) => !sets.some((set) => set.name === name));
  if (definition.over === undefined || made.length === 0) return;
  const message = `"select" would make images (${made.join(', ')}), but the backbone "${definition.name}" has only a last layer`;
  faults.add('OOD_CONFIG_TYPE', place, message, {
    fix: 'Name datasets of features, such as those of a validation OOD set: select: { ood: [name] }.',
  });
}
