import { averageOfSets, didYouMean, type SourcePlace } from '@farout/core';
import type { ConfigNode, MapEntry, MapNode } from './node.ts';
import { defaultMetrics } from './schema.ts';
import type { Mistakes } from './faults.ts';

/** Where a name of the experiment is looked for; `names` is undefined where the experiment does not tell. */
interface Lookup {
  readonly one: string;
  readonly key: 'detectors' | 'ood' | 'metrics';
  readonly names: readonly string[] | undefined;
}

/** Notes every published number that no number of the run can stand beside. */
export function checkPublished({ entries }: MapNode, mistakes: Mistakes): void {
  const valueOf = (key: string) => entries.get(key)?.value;
  const ood = textsIn(valueOf('ood'));
  const metrics = valueOf('metrics');
  const detectors: Lookup = { one: 'detector', key: 'detectors', names: keysOf(valueOf('detectors')) };
  const sets: Lookup = { one: 'OOD set', key: 'ood', names: ood && [...ood, averageOfSets] };
  const measured: Lookup = { one: 'metric', key: 'metrics', names: metrics ? textsIn(metrics) : defaultMetrics };
  for (const [detector, { keyPlace, value }] of entriesOf(valueOf('published'))) {
    checkName(detector, keyPlace, detectors, mistakes);
    const row = entriesOf(value);
    for (const [name, cell] of row) {
      checkName(name, cell.keyPlace, sets, mistakes);
      for (const [metric, entry] of entriesOf(cell.value)) checkName(metric, entry.keyPlace, measured, mistakes);
    }
    if (ood) checkAverage(row, ood, mistakes);
  }
}

function checkName(name: string, place: SourcePlace, { one, key, names }: Lookup, mistakes: Mistakes): void {
  if (!names || names.includes(name)) return;
  const fix =
    didYouMean(name, names) ??
    `Add it to "${key}", or leave out what is published for it; --set 'published={}' leaves all out.`;
  mistakes.add('OOD_PUBLISHED_MISMATCH', place, `the experiment has no ${one} "${name}" to compare with`, {
    fix,
    choices: { title: `In "${key}"${key === 'ood' ? ', and their average' : ''}`, names },
  });
}

/** A mean over some of the sets says nothing about the mean over all. */
function checkAverage(row: ReadonlyMap<string, MapEntry>, ood: readonly string[], mistakes: Mistakes): void {
  for (const [metric, { keyPlace }] of entriesOf(row.get(averageOfSets)?.value)) {
    const lacking = ood.filter((name) => !entriesOf(row.get(name)?.value).has(metric));
    if (lacking.length === 0 || lacking.length === ood.length) continue;
    const message = `the published average is not that of "ood": ${lacking.join(', ')} has no published ${metric}`;
    mistakes.add('OOD_PUBLISHED_MISMATCH', keyPlace, message, { fix: 'Add the number, or leave the average out.' });
  }
}

const entriesOf = (node: ConfigNode | undefined): ReadonlyMap<string, MapEntry> =>
  node?.kind === 'map' ? node.entries : new Map<string, MapEntry>();

const keysOf = (node: ConfigNode | undefined) => (node?.kind === 'map' ? [...node.entries.keys()] : undefined);

/** The texts of a list; undefined when it is none, or when an entry cannot be judged, which is reported already. */
function textsIn(node: ConfigNode | undefined): readonly string[] | undefined {
  const items = node?.kind === 'list' ? node.items : [];
  const texts = items.flatMap((item) => (item.kind === 'scalar' && !item.incomplete ? [String(item.value)] : []));
  return texts.length > 0 && texts.length === items.length ? texts : undefined;
}
