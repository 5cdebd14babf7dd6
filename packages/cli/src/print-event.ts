import { json, runEventVersion, type RunEvent } from '@farout/runner';
import type { ErrorEvent } from './error-events.ts';

type OtherEvent = { readonly event: 'stopping' } | { readonly event: 'checked'; readonly [fact: string]: unknown };

/** Prints an event as one line of JSON, numbers that JSON has not spelled as everywhere: `"Infinity"`. */
export function printEvent(event: RunEvent | ErrorEvent | OtherEvent): void {
  process.stdout.write(`${json({ version: runEventVersion, ...event })}\n`);
}
