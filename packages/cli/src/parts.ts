import { isDeepStrictEqual, inspect } from 'node:util';
import { schemaOf, type DatasetDefinition, type z } from '@farout/core';
import { type Catalogue, type CatalogueEntry, describeSchema, jsonSchemaOf, loadCatalogue } from '@farout/runner';
import { builtIns } from './built-ins.ts';
import { userFolder } from './invocation.ts';

/**
 * The built-in parts, and those of the plugins that the command line names: packages, or files relative to the user's
 * folder.
 */
export const catalogueWith = (plugins: readonly string[]): Promise<Catalogue> =>
  loadCatalogue({ builtIns, plugins: plugins.map((specifier) => ({ specifier, folder: userFolder() })) });

/** A parameter of a part as a user sees it. */
export interface Parameter {
  readonly name: string;
  /** With its default, or that it must be given: `temperature = 1`, `class (required)`. */
  readonly label: string;
  readonly required: boolean;
  /** As text: a plugin's may be what JSON has not. Undefined when there is none. */
  readonly default: string | undefined;
  /** What it takes: `a number above 0`; empty when that is involved. */
  readonly type: string;
  /** What it means; empty when the part does not say. */
  readonly meaning: string;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { default?: unknown; description?: string }>>;
  readonly required?: readonly string[];
}

/** The parameters of a part, in the order of its schema. Metrics, sections of the report, reporters and storages have none. */
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

/** A default as the plugin gave it: JSON Schema has no bigint, no function and no infinite number. */
function defaultOf(schema: z.core.$ZodType): unknown {
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  if (def.type !== 'default' && def.type !== 'prefault')
    return 'innerType' in def ? defaultOf(def.innerType) : undefined;
  try {
    return def.defaultValue;
  } catch {
    // The plugin makes it anew each time, and cannot here.
    return undefined;
  }
}

/** As JSON where that says all of it, else as Node shows it: `3n`, `Infinity`, `[Function: square]`. */
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
