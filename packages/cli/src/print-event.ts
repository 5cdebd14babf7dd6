import { json, runEventVersion, type RunEvent } from '@farout/runner';
import type { ErrorEvent } from './events.ts';

type OtherEvent = { readonly event: 'stopping' } | { readonly event: 'checked'; readonly [fact: string]: unknown };

/** Prints an event as one line of JSON, numbers that JSON has not spelled as everywhere: `"Infinity"`. */
export function printEvent(event: RunEvent | ErrorEvent | OtherEvent): void {
  process.stdout.write(`${printableJson(json({ version: runEventVersion, ...event }))}\n`);
}

/** JSON that says the same, and nothing that a terminal obeys: JSON itself escapes only the characters below U+0020. */
export const printableJson = (text: string): string =>
  text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escape(character.charCodeAt(at))).join(''),
  );

const escape = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`;
