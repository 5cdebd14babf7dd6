import type { z } from '@farout/core';
import { describeValue } from '../plugins/failure.ts';
import type { ConfigNode } from './config-node.ts';

type Issue = z.core.$ZodIssue;

/**
 * What zod expects of a value, as part of a sentence: `must be a whole number, but is "ten"`. `written` is how the value stands in
 * the file, where that differs: `but is 012, which YAML reads as 12`.
 */
export function describeIssue(issue: Issue, value: unknown, written?: string): string {
  const demand = demandOf(issue);
  if (!demand.startsWith('must')) return demand;
  const isOther = written !== undefined && typeof value !== 'string' && written !== String(value);
  return `${demand}, but is ${isOther ? `${written}, which YAML reads as ${describeValue(value)}` : describeValue(value)}`;
}

/** How a value that YAML takes for a number, true, false or nothing becomes text; undefined where no text is wanted. */
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
    default:
      return issue.message;
  }
}

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

/** What lists and texts are counted in; numbers are compared as they are. */
const units: Readonly<Record<string, readonly [one: string, more: string]>> = {
  array: ['entry', 'entries'],
  string: ['character', 'characters'],
  set: ['entry', 'entries'],
};

function bound(origin: string, limit: number | bigint, relation: string): string {
  const unit = units[origin]?.[Number(limit) === 1 ? 0 : 1];
  return ['must', unit ? 'have' : 'be', relation, String(limit), unit].filter(Boolean).join(' ');
}
