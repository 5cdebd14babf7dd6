import { codeFrame } from './code-frame.ts';
import type { FaroutError } from './farout-error.ts';
import { FaroutErrors } from './farout-errors.ts';

/**
 * An error as text for a terminal, without colours: where and what, the lines around, the fix and the choices, the code.
 * Several errors stand one after the other, parted by an empty line. No stack: the reader's file is at fault, not ours.
 */
export function describeError(error: FaroutError | FaroutErrors): string {
  const errors = error instanceof FaroutErrors ? error.errors : [error];
  return visible(errors.map(describeOne).join('\n\n'));
}

function describeOne({ message, place, fix, choices, code }: FaroutError): string {
  const where = place ? `${place.file}:${place.line}:${place.column}  ` : '';
  const frame = place && codeFrame(place);
  const advice = [fix, choices && `${choices.title}: ${choices.names.join(', ')}.`].filter(Boolean).join('   ');
  return [where + message, ...(frame ? ['', frame, ''] : []), ...(advice ? [advice] : []), `[${code}]`].join('\n');
}

/** Names and lines come from files of others: what would steer the terminal is shown as a mark instead. */
const visible = (text: string) => text.replace(/[^\P{Cc}\n\t]|[\u202A-\u202E\u2066-\u2069]/gu, '\uFFFD');
