import type { z } from '@farout/core';
import { describeValue } from '../plugins/failure.ts';
import { jsonSchemaOf } from './json-schema-of.ts';

interface TypeSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly prefixItems?: readonly TypeSchema[];
}

/** What a parameter takes, in words: `a number from 0 to 100`, `one of "none", "folders"`; undefined when that is involved. */
export function describeSchema(schema: z.core.$ZodType): string | undefined {
  return describe(jsonSchemaOf(schema));
}

function describe(schema: TypeSchema): string | undefined {
  if (schema.enum) return `one of ${schema.enum.map(describeValue).join(', ')}`;
  switch (schema.type) {
    case 'number':
      return `a number${range(schema)}`;
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'string':
      return 'text';
    case 'boolean':
      return 'true or false';
    case 'array':
      return schema.prefixItems ? `a list of ${schema.prefixItems.length} values` : 'a list';
    default:
      return undefined;
  }
}

/** zod gives whole numbers the bounds of what a float64 holds; nobody needs to read them. */
const isBound = (limit: number | undefined): limit is number =>
  limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;

function range({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: TypeSchema): string {
  if (isBound(minimum) && isBound(maximum)) return ` from ${minimum} to ${maximum}`;
  const bounds = [
    isBound(minimum) && `of at least ${minimum}`,
    isBound(exclusiveMinimum) && `above ${exclusiveMinimum}`,
    isBound(maximum) && `of at most ${maximum}`,
    isBound(exclusiveMaximum) && `below ${exclusiveMaximum}`,
  ].filter((bound) => bound !== false);
  return bounds.length > 0 ? ` ${bounds.join(' and ')}` : '';
}
