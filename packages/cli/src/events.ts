import { FaroutError, FaroutErrors, type SourcePlace } from '@farout/core';
import { json, runEventVersion, type RunEvent } from '@farout/runner';

type OtherEvent =
  | { readonly event: 'stopping' }
  | {
      readonly event: 'checked' | 'scored' | 'unreadable' | 'rejected' | 'looked' | 'alarm' | 'watched';
      readonly [fact: string]: unknown;
    };

/** Prints an event as one line of JSON. Numbers JSON cannot represent are written as strings, as everywhere: `"Infinity"`. */
export function printEvent(event: RunEvent | ErrorEvent | OtherEvent): void {
  process.stdout.write(`${printableJson(json({ version: runEventVersion, ...event }))}\n`);
}

/** Equivalent JSON without control characters for terminals: JSON itself only escapes characters below U+0020. */
export const printableJson = (text: string): string =>
  text.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    Array.from({ length: character.length }, (_, at) => escape(character.charCodeAt(at))).join(''),
  );

const escape = (unit: number) => `\\u${unit.toString(16).padStart(4, '0')}`;

/** What went wrong, for programs. */
interface ErrorEvent {
  readonly event: 'error';
  /** See docs/errors.md; null if it is a bug in farout. */
  readonly code: string | null;
  readonly message: string;
  /** The place in a file of the user, counted from 1. */
  readonly place: Omit<SourcePlace, 'text'> | null;
  readonly fix: string | null;
  readonly choices: { readonly title: string; readonly names: readonly string[] } | null;
}

/** An event for each error in what was thrown. None for a run stopped by a signal, which was announced before. */
export function errorEvents(error: unknown): ErrorEvent[] {
  if (error instanceof FaroutErrors) return error.errors.map(ofFarout);
  if (error instanceof FaroutError) return [ofFarout(error)];
  if (error instanceof Error && error.name === 'Interrupted') return [];
  const message = error instanceof Error ? error.message : String(error);
  return [{ event: 'error', code: null, message, place: null, fix: null, choices: null }];
}

const ofFarout = ({ code, message, place, fix, choices }: FaroutError): ErrorEvent => ({
  event: 'error',
  code,
  message,
  place: place ? withoutText(place) : null,
  fix: fix ?? null,
  choices: choices ?? null,
});

const withoutText = ({ file, line, column, length = 1 }: SourcePlace) => ({ file, line, column, length });
