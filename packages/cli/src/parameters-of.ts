import { z } from '@oodkit/core';
import { describeSchema, type CatalogueEntry } from '@oodkit/runner';

/** A parameter of a part as a user sees it. */
export interface Parameter {
  readonly name: string;
  /** ` = 1`, the default; ` (required)`; or nothing when it may be left out. */
  readonly value: string;
  /** What it takes: `a number above 0`; empty when that is involved. */
  readonly type: string;
  /** What it means; empty when the part does not say. */
  readonly meaning: string;
}

/** The parameters of a part, in the order of its schema. A metric has none. */
export function parametersOf({ definition }: CatalogueEntry): Parameter[] {
  if (!('params' in definition)) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(definition.params, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const { default: value, description: meaning = '' } = property as { default?: unknown; description?: string };
    const { [name]: schema } = definition.params.shape as Readonly<Record<string, z.ZodType>>;
    const type = describeSchema(schema!) ?? '';
    if (value !== undefined) return { name, value: ` = ${JSON.stringify(value)}`, type, meaning };
    return { name, value: required.includes(name) ? ' (required)' : '', type, meaning };
  });
}
