import type { ConfigNode, MapNode } from './node.ts';
import { readPart } from './read-part.ts';

/** What becomes of a value of a base where the experiment that extends it has one, too. */
type Merge = (base: ConfigNode, over: ConfigNode) => ConfigNode;

/** Maps are merged by their keys; all else is replaced. A key with nothing after it takes away what the base has there. */
const mergeMaps =
  (mergeOf: (key: string) => Merge): Merge =>
  (base, over) =>
    base.kind === 'map' && over.kind === 'map' ? mergeEntries(base, over, mergeOf) : over;

const mergeDeep: Merge = mergeMaps(() => mergeDeep);

/** A part of the same name has its parameters merged, if both have some; `name` alone means the defaults, and replaces. */
const mergeParts: Merge = (base, over) => {
  const [below, above] = [readPart(base), readPart(over)];
  return below?.params && above?.params && below.name === above.name ? mergeDeep(base, over) : over;
};

/** Where parts stand; the other keys of an experiment hold values and maps of them. */
const merges: ReadonlyMap<string, Merge> = new Map([
  ['backbone', mergeParts],
  ['datasets', mergeMaps(() => mergeParts)],
  ['detectors', mergeMaps(() => mergeParts)],
]);

/** An experiment over the one that it extends. Every value keeps its place and the folder of its file. */
export const mergeExperiments = (base: MapNode, over: MapNode): MapNode =>
  mergeEntries(base, over, (key) => merges.get(key) ?? mergeDeep);

function mergeEntries(base: MapNode, over: MapNode, mergeOf: (key: string) => Merge): MapNode {
  const entries = new Map(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    if (!below) entries.set(key, entry);
    else if (isNothing(entry.value)) entries.delete(key);
    else entries.set(key, { ...entry, value: mergeOf(key)(below.value, entry.value) });
  }
  return { ...over, entries };
}

const isNothing = (node: ConfigNode) => node.kind === 'scalar' && node.value === null;
