import { z } from '@farout/core';

/** A JSON Schema, as far as it is read or put together here. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of what a zod schema takes. A plugin's schema may hold what JSON has not: a default that is a function
 * makes zod throw. Of such a schema what can be said is said, parameter by parameter; the rest takes anything.
 */
export function jsonSchemaOf(schema: z.core.$ZodType): JsonSchema {
  try {
    return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  } catch {
    return withoutItsDefaults(schema);
  }
}

function withoutItsDefaults(schema: z.core.$ZodType): JsonSchema {
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  if (def.type === 'default' || def.type === 'prefault') return jsonSchemaOf(def.innerType);
  if (def.type !== 'object') return {};
  const members = Object.entries(def.shape);
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([name, member]) => [name, described(member)])),
    required: members.filter(([, { _zod }]) => _zod.optin === undefined).map(([name]) => name),
    ...(def.catchall?._zod.def.type === 'never' && { additionalProperties: false }),
  };
}

function described(member: z.core.$ZodType): JsonSchema {
  const { description } = z.globalRegistry.get(member) ?? {};
  return { ...jsonSchemaOf(member), ...(description !== undefined && { description }) };
}
