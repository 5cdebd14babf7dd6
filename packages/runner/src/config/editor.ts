import type { z } from '@farout/core';
import { partKinds, type Catalogue, type CatalogueEntry, type NamedKind } from '../plugins/catalogue.ts';
import { jsonSchemaOf, type JsonSchema } from './describe.ts';
import { isSplitByKey, splitKey, splitSchema } from './parameters.ts';
import { experimentSchema } from './schema.ts';

/**
 * The JSON Schema by which editors complete, explain and check an experiment: its keys, and every part of the catalogue with
 * its parameters. It is made of the schemas by which an experiment is checked.
 */
export function editorSchema(catalogue: Catalogue): JsonSchema {
  const { required, ...keys } = jsonSchemaOf(experimentSchema) as JsonSchema & {
    properties: Readonly<Record<string, JsonSchema>>;
  };
  const { backbone, datasets, detectors, metrics } = keys.properties;
  const scorer = { anyOf: [refTo('scorer')] };
  const hooksAndScorer = { type: 'array', minItems: 1, items: { anyOf: [refTo('hook'), refTo('scorer')] } };
  return {
    ...keys,
    title: 'farout experiment',
    // What an experiment lacks, another one may have that it extends.
    anyOf: [{ required: ['extends'] }, { required }],
    properties: {
      ...keys.properties,
      backbone: { ...without(backbone!, 'anyOf'), ...refTo('backbone') },
      datasets: { ...datasets, additionalProperties: refTo('dataset') },
      detectors: { ...detectors, additionalProperties: { anyOf: [...scorer.anyOf, hooksAndScorer] } },
      metrics: { ...metrics, items: refTo('metric') },
    },
    $defs: Object.fromEntries(named.map((kind) => [kind, partSchema(kind, catalogue.entries(kind))])),
  };
}

/** The kinds of parts that an experiment names. */
const named = partKinds.filter((kind) => kind !== 'section');

const refTo = (kind: NamedKind): JsonSchema => ({ $ref: `#/$defs/${kind}` });

const without = (schema: JsonSchema, key: string): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));

/** A bare name, or an object of one key: the name with its parameters. Metrics have no parameters. */
function partSchema(kind: NamedKind, entries: readonly CatalogueEntry[]): JsonSchema {
  const bare = entries.map((entry) => ({ const: entry.name, ...described(entry) }));
  if (kind === 'metric') return { anyOf: bare };
  const withParameters = entries.map((entry) => ({
    type: 'object',
    properties: {
      [entry.name]: {
        ...described(entry),
        ...('params' in entry.definition && parametersSchema(parametersOf(kind, entry.definition))),
      },
    },
    required: [entry.name],
    additionalProperties: false,
  }));
  return { anyOf: [...bare, ...withParameters] };
}

/** Those of a part, and for a dataset the key by which it is split. */
function parametersOf(kind: NamedKind, definition: { readonly params: z.ZodObject }): z.ZodObject {
  const isSplit = kind === 'dataset' && isSplitByKey(definition);
  return isSplit ? definition.params.safeExtend({ [splitKey]: splitSchema.strict().optional() }) : definition.params;
}

/** What an editor shows beside a part's name. */
function described({ definition: { about } }: CatalogueEntry): JsonSchema {
  if (!about) return {};
  const { summary, formula, source } = about;
  return { description: [summary, formula, source].filter((line) => line !== undefined).join('\n') };
}

/** A part is taken strictly: what it does not know is a mistake. `name:` alone is its defaults. */
function parametersSchema(params: z.ZodObject): JsonSchema {
  const schema = without(jsonSchemaOf(params.strict()), '$schema');
  return { anyOf: [schema, { type: 'null' }] };
}
