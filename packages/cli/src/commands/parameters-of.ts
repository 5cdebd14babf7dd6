import { z, type ParametersSchema } from '@oodkit/core';

/** A parameter of a part as a user sees it. */
export interface Parameter {
  readonly name: string;
  /** ` = 1`, the default; ` (required)`; or nothing when it may be left out. */
  readonly value: string;
  /** What it means; empty when the part does not say. */
  readonly meaning: string;
}

/** The parameters of a schema, in its order. */
export function parametersOf(schema: ParametersSchema): Parameter[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const { default: value, description = '' } = property as { default?: unknown; description?: string };
    if (value !== undefined) return { name, value: ` = ${JSON.stringify(value)}`, meaning: description };
    return { name, value: required.includes(name) ? ' (required)' : '', meaning: description };
  });
}
