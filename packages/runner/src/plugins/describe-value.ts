// Separate from failures, because workers use it too and start faster without the schemas that failures need.
import { inspect } from 'node:util';

/** A value as shown in messages: always short. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

const longest = 60;
