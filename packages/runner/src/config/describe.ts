import { z } from '@farout/core';
import { describeValue } from '../plugins/describe-value.ts';
import type { ConfigNode } from './node.ts';

type Issue = z.core.$ZodIssue;

/**
 * A zod issue as part of a sentence: `must be a whole number, but is "ten"`. `written` is the source text of the
 * value, if it differs: `but is 012, which YAML reads as 12`.
 */
export function describeIssue(issue: Issue, value: unknown, written?: string): string {
  const demand = demandOf(issue);
  if (!demand.startsWith('must')) return demand;
  const isOther = written !== undefined && typeof value !== 'string' && written !== String(value);
  return `${demand}, but is ${isOther ? `${written}, which YAML reads as ${describeValue(value)}` : describeValue(value)}`;
}

/** Of the alternatives of a union that a value fails, the issue that lies deepest in the value. */
export function mostPrecise(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const below = issue.errors.flat().map(mostPrecise);
  const deepest = below.reduce<Issue | undefined>(
    (best, each) => (each.path.length > (best?.path.length ?? 0) ? each : best),
    undefined,
  );
  return deepest ? { ...deepest, path: [...issue.path, ...deepest.path] } : issue;
}

/** How to quote a value that YAML reads as a number, a boolean or null; undefined where no text is expected. */
export function quotesFor(issue: Issue, node: ConfigNode | undefined): string | undefined {
  if (node?.kind !== 'scalar' || typeof node.value === 'string') return undefined;
  const written = node.written ?? (node.value === null ? undefined : String(node.value));
  const isText = (issue.code === 'invalid_type' && issue.expected === 'string') || issue.code === 'invalid_union';
  return isText && written !== undefined ? `Put it in quotes: ${JSON.stringify(written)}.` : undefined;
}

function demandOf(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${typeNames[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.minimum, issue.exact ? '' : issue.inclusive ? 'at least' : 'more than');
    case 'too_big':
      return bound(issue.origin, issue.maximum, issue.exact ? '' : issue.inclusive ? 'at most' : 'less than');
    case 'not_multiple_of':
      return `must be a multiple of ${String(issue.divisor)}`;
    case 'invalid_key':
      return `has a key that ${issue.issues.map((each) => demandOf(each)).join(' and ')}`;
    case 'invalid_union':
      return isWordless(issue) ? anyOf(issue.errors) : issue.message;
    default:
      return isWordless(issue) ? demandless : issue.message.replace(/^Invalid string: must/, 'must');
  }
}

/** Whether a schema has no message of its own, so that zod only says "Invalid input". */
export const isWordless = ({ message }: Pick<Issue, 'message'>): boolean => message === 'Invalid input';

const demandless = 'must be another value';

/** `must be a number or auto`, if every alternative demands something of the value as a whole. */
function anyOf(forms: readonly (readonly Issue[])[]): string {
  const demands = forms.map(([first]) => (first ? demandOf(first) : demandless));
  if (demands.length === 0 || !demands.every((each) => each.startsWith(be))) return demandless;
  return be + [...new Set(demands.map((each) => each.slice(be.length)))].join(' or ');
}

const be = 'must be ';

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  null: 'nothing',
  array: 'a list',
  tuple: 'a list',
  object: 'a map',
  record: 'a map',
};

/** Units of the lengths of lists and strings. Numbers have none. */
const units: Readonly<Record<string, readonly [one: string, more: string]>> = {
  array: ['entry', 'entries'],
  string: ['character', 'characters'],
  set: ['entry', 'entries'],
};

function bound(origin: string, limit: number | bigint, comparison: string): string {
  const unit = units[origin]?.[Number(limit) === 1 ? 0 : 1];
  return ['must', unit ? 'have' : 'be', comparison, String(limit), unit].filter(Boolean).join(' ');
}

interface TypeSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly prefixItems?: readonly TypeSchema[];
}

/** What a parameter accepts, in words: `a number from 0 to 100`, `one of "none", "folders"`. Undefined for complex schemas. */
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

/** Hides the bounds that zod gives every integer (the safe integers of a float64). */
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

/** A JSON Schema, as far as it is read or written here. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON Schema of a zod schema's input. zod throws if a plugin's schema contains what JSON cannot express, such as a
 * default that is a function. Such a schema is then described parameter by parameter, and what remains accepts anything.
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
