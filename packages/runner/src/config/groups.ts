import { averageOfSets, didYouMean, type SetGroups, type SourcePlace } from '@farout/core';
import { checkDuplicates, refuseBlanks, type Faults } from './faults.ts';
import { namesOfMetrics } from './metrics.ts';
import { nodeAt, type ConfigNode, type MapEntry, type MapNode } from './node.ts';

/** Records faults in groups: names that mean something else, members that are not in `ood`, and repeated members. */
export function checkGroups(root: MapNode, faults: Faults): void {
  const ood = textsIn(nodeAt(root, ['ood']));
  const sets = namesOfSets(root);
  for (const [group, { keyPlace, value }] of entriesOf(nodeAt(root, ['groups']))) {
    refuseBlanks(group, keyPlace, faults);
    const other = group === averageOfSets ? 'the mean over all OOD sets' : sets.has(group) ? 'a dataset' : undefined;
    if (other) {
      const fix = 'Give the group another name.';
      faults.add('OOD_DUPLICATE_NAME', keyPlace, `"${group}" is the name that results use for ${other}`, { fix });
    }
    checkDuplicates(value, faults);
    if (ood && value.kind === 'list') for (const item of value.items) checkMember(item, { group, ood }, faults);
  }
}

/** The names of all datasets, with or without a role. */
function namesOfSets(root: MapNode): ReadonlySet<string> {
  const named = ['id', 'fit', 'ood'].flatMap((role) => {
    const node = nodeAt(root, [role]);
    return node?.kind === 'scalar' ? [String(node.value)] : (textsIn(node) ?? []);
  });
  return new Set([...named, ...entriesOf(nodeAt(root, ['datasets'])).keys()]);
}

interface Members {
  readonly group: string;
  readonly ood: readonly string[];
}

function checkMember(item: ConfigNode, { group, ood }: Members, faults: Faults): void {
  if (item.kind !== 'scalar' || item.incomplete || typeof item.value !== 'string' || ood.includes(item.value)) return;
  const fix =
    didYouMean(item.value, ood) ?? `Add it to "ood", or remove it from the group; --set 'groups={}' drops all groups.`;
  faults.add('OOD_GROUP_MISMATCH', item.place, `the group "${group}" names "${item.value}", which is not in "ood"`, {
    fix,
    choices: { title: 'In "ood"', names: ood },
  });
}

/** The groups, as far as their members can be read; faults in the others are reported elsewhere. */
function groupsIn(root: MapNode): SetGroups {
  const groups = [...entriesOf(nodeAt(root, ['groups']))].map(([group, { value }]) => [group, textsIn(value) ?? []]);
  return Object.fromEntries(groups) as SetGroups;
}

/** Where a name in the experiment is looked up. `names` is undefined if the experiment's own list cannot be read. */
interface Lookup {
  readonly one: string;
  /** Title of the list of valid names. */
  readonly title: string;
  readonly key: 'detectors' | 'ood' | 'metrics';
  readonly names: readonly string[] | undefined;
}

/** Rows and columns of a run that are not written in its experiment. */
interface Unwritten {
  /** The metrics used if the experiment lists none. */
  readonly defaultMetrics: readonly string[];
  /** The names of the points of sweeps. */
  readonly points: readonly string[];
}

/** Records a fault for every published number that has no counterpart in the run. */
export function checkPublished(root: MapNode, { defaultMetrics, points }: Unwritten, faults: Faults): void {
  const valueOf = (key: string) => nodeAt(root, [key]);
  const [ood, groups] = [textsIn(valueOf('ood')), groupsIn(root)];
  const metrics = valueOf('metrics');
  const written = keysOf(valueOf('detectors'));
  const detectors = lookup('detector', 'detectors', written && [...written, ...points]);
  const measured = lookup('metric', 'metrics', metrics ? namesOfMetrics(metrics) : defaultMetrics);
  const sets = {
    ...lookup('OOD set or group', 'ood', ood && [...ood, ...Object.keys(groups), averageOfSets]),
    title: 'In "ood" and "groups", and the average',
  };
  for (const [detector, { keyPlace, value }] of entriesOf(valueOf('published'))) {
    checkName(detector, keyPlace, detectors, faults);
    const row = entriesOf(value);
    for (const [name, cell] of row) {
      checkName(name, cell.keyPlace, sets, faults);
      for (const [metric, entry] of entriesOf(cell.value)) checkName(metric, entry.keyPlace, measured, faults);
    }
    for (const [group, members] of Object.entries(groups))
      checkAverage(row, { name: group, of: `the group "${group}"`, sets: members }, faults);
    if (ood) checkAverage(row, { name: averageOfSets, of: '"ood"', sets: ood }, faults);
  }
}

const lookup = (one: string, key: Lookup['key'], names: Lookup['names']): Lookup => ({
  one,
  key,
  names,
  title: `In "${key}"`,
});

function checkName(name: string, place: SourcePlace, { one, key, names, title }: Lookup, faults: Faults): void {
  if (!names || names.includes(name)) return;
  const fix =
    didYouMean(name, names) ??
    `Add it to "${key}", or remove its published numbers; --set 'published={}' drops all of them.`;
  faults.add('OOD_PUBLISHED_MISMATCH', place, `the experiment has no ${one} "${name}" to compare with`, {
    fix,
    choices: { title, names },
  });
}

interface Average {
  /** Its name among the published numbers. */
  readonly name: string;
  /** Its name in messages. */
  readonly of: string;
  readonly sets: readonly string[];
}

/** A published mean needs published numbers for all of its sets: a mean over some of them is another number. */
function checkAverage(row: ReadonlyMap<string, MapEntry>, { name, of, sets }: Average, faults: Faults): void {
  for (const [metric, { keyPlace }] of entriesOf(row.get(name)?.value)) {
    const lacking = sets.filter((set) => !entriesOf(row.get(set)?.value).has(metric));
    if (lacking.length === 0 || lacking.length === sets.length) continue;
    const message = `the published average is not over ${of}: ${lacking.join(', ')} has no published ${metric}`;
    faults.add('OOD_PUBLISHED_MISMATCH', keyPlace, message, { fix: 'Add the number, or remove the average.' });
  }
}

const entriesOf = (node: ConfigNode | undefined): ReadonlyMap<string, MapEntry> =>
  node?.kind === 'map' ? node.entries : new Map<string, MapEntry>();

const keysOf = (node: ConfigNode | undefined) => (node?.kind === 'map' ? [...node.entries.keys()] : undefined);

/** The texts of a list. Undefined if it is not a list, or if an entry cannot be read, which is already reported. */
function textsIn(node: ConfigNode | undefined): readonly string[] | undefined {
  const items = node?.kind === 'list' ? node.items : [];
  const texts = items.flatMap((item) => (item.kind === 'scalar' && !item.incomplete ? [String(item.value)] : []));
  return texts.length > 0 && texts.length === items.length ? texts : undefined;
}
