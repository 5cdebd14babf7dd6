// Apart from failures: workers describe values too, and begin sooner without the schemas that failures know.
import { inspect } from 'node:util';

/** A value as a message shows it: short, whatever it is. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (ArrayBuffer.isView(value)) return `a ${value.constructor.name}`;
  if (typeof value === 'object') return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(value) : inspect(value);
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

const longest = 60;
