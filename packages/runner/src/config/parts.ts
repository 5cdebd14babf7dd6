import type { BackboneDefinition, ParametersSchema, PublishedWeights } from '@farout/core';
import type { Part } from '../experiment.ts';
import type { Catalogue, Definitions, NamedKind } from '../plugins/catalogue.ts';
import { checkParameters } from './parameters.ts';
import type { ConfigNode } from './node.ts';
import { findPart } from './find-part.ts';
import type { Mistakes } from './faults.ts';
import { readPart } from './read-part.ts';
import { checkPaths, resolvePaths } from './resolve-paths.ts';
import { isSplitByKey, takeSplit } from './split.ts';

/** What parts are checked with. */
export interface PartContext {
  readonly catalogue: Catalogue;
  readonly mistakes: Mistakes;
}

/** The kinds of parts that have parameters. */
type ParametricKind = Exclude<NamedKind, 'metric'>;

/** How far a part is checked. */
export interface PartOptions {
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
  const taken = isSplit ? await takeSplit(whole, context.mistakes) : { part: whole, split: undefined };
  if (!taken) return undefined;
  const { part: written, split } = taken;
  const params = await checkParameters(schema, written, context.mistakes);
  if (paths) await checkPaths(schema, written, { mistakes: context.mistakes, published: publishedBy(definition) });
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
