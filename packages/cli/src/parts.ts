import { isDeepStrictEqual, inspect } from 'node:util';
import { schemaOf, type DatasetDefinition, type z } from '@farout/core';
import { type Catalogue, type CatalogueEntry, describeSchema, jsonSchemaOf, loadCatalogue } from '@farout/runner';
import { builtIns } from './built-ins.ts';
import { userFolder } from './invocation.ts';

/**
 * The built-in parts, plus those of the plugins named on the command line: packages, or files relative to the user's
 * working directory.
 */
export const catalogueWith = (plugins: readonly string[]): Promise<Catalogue> =>
  loadCatalogue({ builtIns, plugins: plugins.map((specifier) => ({ specifier, folder: userFolder() })) });

/** A parameter of a part, as shown to users. */
export interface Parameter {
  readonly name: string;
  /** With its default, or marked as required: `temperature = 1`, `class (required)`. */
  readonly label: string;
  readonly required: boolean;
  /** As text, since a plugin's default may be something JSON cannot express. Undefined if there is none. */
  readonly default: string | undefined;
  /** What it accepts: `a number above 0`; empty for complex types. */
  readonly type: string;
  /** Its description; empty if the part gives none. */
  readonly meaning: string;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { default?: unknown; description?: string }>>;
  readonly required?: readonly string[];
}

/** The parameters of a part, in the order of its schema. Metrics, report sections, reporters and storages have none. */
export function parametersOf({ kind, definition }: CatalogueEntry): Parameter[] {
  const published = 'published' in definition ? definition.published : undefined;
  if ('value' in definition || 'blocks' in definition || 'render' in definition || kind === 'storage') return [];
  const params = schemaOf(definition as DatasetDefinition);
  const { properties = {}, required = [] } = jsonSchemaOf(params) as ObjectSchema;
  return Object.entries(properties).map(([name, { default: written, description: meaning = '' }]) => {
    const { [name]: schema } = params.shape as Readonly<Record<string, z.core.$ZodType>>;
    const type = describeSchema(schema!) ?? '';
    const value = defaultOf(schema!) ?? written;
    const isPublished = name === published?.parameter;
    const facts = {
      required: required.includes(name) && !isPublished,
      default: value === undefined ? undefined : shown(value),
    };
    const own = isPublished ? `${name} = ${published.manifest}, published` : label(name, facts);
    return { name, label: own, ...facts, type, meaning };
  });
}

function label(name: string, facts: Pick<Parameter, 'required' | 'default'>): string {
  if (facts.default !== undefined) return `${name} = ${facts.default}`;
  return facts.required ? `${name} (required)` : name;
}

/** The default as the plugin gave it: JSON Schema cannot express bigints, functions or infinite numbers. */
function defaultOf(schema: z.core.$ZodType): unknown {
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  if (def.type !== 'default' && def.type !== 'prefault')
    return 'innerType' in def ? defaultOf(def.innerType) : undefined;
  try {
    return def.defaultValue;
  } catch {
    // The plugin computes the default each time, which fails here.
    return undefined;
  }
}

/** As JSON if that is lossless, otherwise as Node prints it: `3n`, `Infinity`, `[Function: square]`. */
function shown(value: unknown): string {
  return toJson(value) ?? inspect(value, { breakLength: Infinity });
}

function toJson(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value);
    return isDeepStrictEqual(JSON.parse(text), value) ? text : undefined;
  } catch {
    return undefined;
  }
}
