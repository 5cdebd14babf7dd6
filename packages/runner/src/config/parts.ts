import {
  didYouMean,
  type BackboneDefinition,
  type ErrorCode,
  type ParametersSchema,
  type PublishedWeights,
} from '@farout/core';
import type { Part } from '../experiment.ts';
import type { Catalogue, CatalogueEntry, Definitions, NamedKind } from '../plugins/catalogue.ts';
import type { Faults } from './faults.ts';
import { readPart, type ConfigNode, type WrittenPart } from './node.ts';
import { checkParameters, checkPaths, isSplitByKey, resolvePaths, takeSplit } from './parameters.ts';

/** What parts are checked with. */
export interface PartContext {
  readonly catalogue: Catalogue;
  readonly faults: Faults;
}

/** The kinds of parts that have parameters. */
type ParametricKind = Exclude<NamedKind, 'metric'>;

/** How far a part is checked. */
interface PartOptions {
  /** Whether its files and folders must exist; not so for a dataset that has no role. Default true. */
  readonly paths?: boolean;
}

/** Finds a part in the catalogue and checks its parameters. Undefined when something is wrong, which is noted. */
export async function resolvePart<K extends ParametricKind>(
  kind: K,
  node: ConfigNode,
  context: PartContext,
  { paths = true }: PartOptions = {},
): Promise<Part<Definitions[K]> | undefined> {
  const whole = readPart(node);
  const entry = whole && findPart(kind, whole, context);
  if (!entry) return undefined;
  const { definition, origin } = entry;
  const { params: schema } = definition as { params: ParametersSchema };
  const isSplit = kind === 'dataset' && isSplitByKey({ params: schema });
  const taken = isSplit ? await takeSplit(whole, context.faults) : { part: whole, split: undefined };
  if (!taken) return undefined;
  const { part: written, split } = taken;
  const params = await checkParameters(schema, written, context.faults);
  if (paths) await checkPaths(schema, written, { faults: context.faults, published: publishedBy(definition) });
  return (
    params && {
      definition,
      params: { ...params, ...resolvePaths(schema, written) },
      origin,
      place: written.place,
      ...(split && { split }),
      placeOf: (parameter) => written.params?.entries.get(parameter)?.value.place ?? written.place,
    }
  );
}

const publishedBy = (definition: Definitions[ParametricKind]): PublishedWeights | undefined =>
  (definition as Partial<BackboneDefinition>).published;

/** What a mistaken name of each kind is reported as. */
const kinds = {
  backbone: { code: 'OOD_UNKNOWN_BACKBONE', title: 'Backbones here', one: 'backbone' },
  hook: { code: 'OOD_UNKNOWN_HOOK', title: 'Hooks here', one: 'hook' },
  scorer: { code: 'OOD_UNKNOWN_SCORER', title: 'Scorers here', one: 'scorer' },
  dataset: { code: 'OOD_UNKNOWN_DATASET', title: 'Kinds of datasets here', one: 'kind of dataset' },
  metric: { code: 'OOD_UNKNOWN_METRIC', title: 'Metrics here', one: 'metric' },
} as const satisfies Record<NamedKind, { code: ErrorCode; title: string; one: string }>;

/** Looks a part up by its name; when there is none, that is noted together with the names there are. */
export function findPart<K extends NamedKind>(
  kind: K,
  { name, place }: Pick<WrittenPart, 'name' | 'place'>,
  { catalogue, faults }: { readonly catalogue: Catalogue; readonly faults: Faults },
): CatalogueEntry<K> | undefined {
  const found = catalogue.find(kind, name);
  if (found) return found;
  const { code, title, one } = kinds[kind];
  const names = catalogue.names(kind);
  const choices = { title, names };
  if (kind === 'scorer' && catalogue.find('hook', name)) {
    const fix = `Put a scorer after it: [${name}, ${names[0] ?? 'a scorer'}].`;
    faults.add('OOD_WRONG_ROLE', place, `"${name}" is a hook, but a detector ends with a scorer`, { fix, choices });
  } else if (kind === 'hook' && catalogue.find('scorer', name)) {
    const fix = 'Put it last, or make a detector of its own of it.';
    faults.add('OOD_WRONG_ROLE', place, `"${name}" is a scorer, but only hooks stand before the last part`, {
      fix,
      choices,
    });
  } else {
    const fix =
      didYouMean(name, names) ?? 'Take one of those that are here, or name the plugin that brings it in "plugins".';
    faults.add(code, place, `unknown ${one} "${name}"`, { fix, choices });
  }
  return undefined;
}
