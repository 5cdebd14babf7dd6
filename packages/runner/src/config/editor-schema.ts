import { schemaOf, z, type BackboneDefinition, type DatasetDefinition } from '@farout/core';
import {
  partKinds,
  type Catalogue,
  type CatalogueEntry,
  type Definitions,
  type NamedKind,
} from '../plugins/catalogue.ts';
import { jsonSchemaOf, type JsonSchema } from './describe.ts';
import {
  experimentSchema,
  fitKey,
  fitName,
  isSplitByKey,
  learnsFromKey,
  metricParameters,
  splitKey,
  splitSchema,
} from './schema.ts';
import { presetKey, presetNames } from './preset.ts';
import { sweepKey } from './sweep.ts';

/**
 * The JSON Schema that lets editors complete, explain and check an experiment: its keys, and every part of the
 * catalogue with its parameters. It is derived from the schemas that check an experiment when it runs.
 */
export function editorSchema(catalogue: Catalogue): JsonSchema {
  const { required, ...keys } = jsonSchemaOf(experimentSchema) as JsonSchema & {
    properties: Readonly<Record<string, JsonSchema>>;
  };
  const { backbone, datasets, detectors, select, metrics } = keys.properties;
  const { by, ...chosenBy } = select!.properties as Readonly<Record<string, JsonSchema>>;
  const scorer = { anyOf: [refTo('scorer')] };
  const hooksAndScorer = { type: 'array', minItems: 1, items: { anyOf: [refTo('hook'), refTo('scorer')] } };
  return {
    ...keys,
    title: 'farout experiment',
    // Missing keys may come from a base experiment.
    anyOf: [{ required: ['extends'] }, { required }],
    properties: {
      ...keys.properties,
      backbone: { ...without(backbone!, 'anyOf'), ...refTo('backbone') },
      datasets: { ...datasets, additionalProperties: refTo('dataset') },
      detectors: { ...detectors, additionalProperties: { anyOf: [...scorer.anyOf, hooksAndScorer] } },
      select: { ...select, properties: { by: { ...without(by!, 'anyOf'), ...refTo('metric') }, ...chosenBy } },
      metrics: { ...metrics, items: refTo('metric'), default: catalogue.defaultMetrics },
    },
    $defs: Object.fromEntries(named.map((kind) => [kind, anyPart(kind, catalogue.entries(kind))])),
  };
}

/** The kinds of parts that an experiment can name. */
const named = partKinds.filter((kind) => kind !== 'section' && kind !== 'reporter' && kind !== 'storage');

const refTo = (kind: NamedKind): JsonSchema => ({ $ref: `#/$defs/${kind}` });

const without = (schema: JsonSchema, key: string): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([name]) => name !== key));

/** A bare name, or an object with one key: the name with its parameters. */
function anyPart(kind: NamedKind, entries: readonly CatalogueEntry[]): JsonSchema {
  const called = entries.flatMap((entry) => namesOfPart(entry).map((name) => ({ name, entry })));
  const bare = called.map(({ name, entry }) => ({ const: name, ...described(entry) }));
  const withParameters = called
    .filter(({ entry }) => takesParameters(kind, entry.definition))
    .map(({ name, entry }) => ({
      type: 'object',
      properties: {
        [name]: {
          ...described(entry),
          ...parametersSchema(kind, parametersOf(kind, entry.definition)),
        },
      },
      required: [name],
      additionalProperties: false,
    }));
  return { anyOf: [...bare, ...withParameters] };
}

/** Metrics take parameters only if they depend on the sizes of the sets. */
const takesParameters = (kind: NamedKind, definition: Definitions[NamedKind]) =>
  kind !== 'metric' || (definition as Definitions['metric']).dependsOnSizes === true;

const namesOfPart = ({ name, definition }: CatalogueEntry) => [name, ...(definition.about?.aliases ?? [])];

/** The part's own parameters, plus the keys that every part of its kind accepts. */
function parametersOf(kind: NamedKind, definition: Definitions[NamedKind]): z.ZodObject {
  if (kind === 'metric') return metricParameters;
  const schema = schemaOf(definition as DatasetDefinition);
  if (kind === 'dataset' && isSplitByKey(definition as DatasetDefinition))
    return schema.safeExtend({ [splitKey]: splitSchema.strict().optional() });
  const presets = presetNames(kind, definition);
  const published = (definition as Partial<BackboneDefinition>).published?.parameter;
  return schema.safeExtend({
    ...(published !== undefined && { [published]: z.optional((schema.shape as z.ZodRawShape)[published]!) }),
    ...(learnsFromKey(kind, definition) && { [fitKey]: fitName }),
    ...(presets.length > 0 && { [presetKey]: z.enum(presets).optional().describe(presetMeaning) }),
  });
}

/** The description an editor shows for a part. */
function described({ definition: { about } }: CatalogueEntry): JsonSchema {
  if (!about) return {};
  const { summary, formula, source } = about;
  return { description: [summary, formula, source].filter((line) => line !== undefined).join('\n') };
}

/** Unknown parameters are errors. `name:` with no value means the defaults. */
function parametersSchema(kind: NamedKind, params: z.ZodObject): JsonSchema {
  const { properties, ...schema } = without(jsonSchemaOf(params.strict()), '$schema') as {
    readonly properties: Readonly<Record<string, JsonSchema>>;
  };
  const isSwept = kind === 'hook' || kind === 'scorer';
  const each = Object.entries(properties).map(
    ([name, own]) => [name, isSwept && name !== presetKey ? orSweep(own) : own] as const,
  );
  return { anyOf: [{ ...schema, properties: Object.fromEntries(each) }, { type: 'null' }] };
}

/** A parameter's schema, or a sweep over a list of its values. */
function orSweep({ description, ...own }: JsonSchema): JsonSchema {
  const items = without(own, 'default');
  const sweep = {
    type: 'object',
    properties: { [sweepKey]: { description: sweepMeaning, type: 'array', minItems: 1, items } },
    required: [sweepKey],
    additionalProperties: false,
  };
  return { ...(description !== undefined && { description }), anyOf: [own, sweep] };
}

const presetMeaning = 'published values for the parameters; values given beside it take precedence';

const sweepMeaning = 'several values: each makes its own detector; sweeps of several parameters are combined';
