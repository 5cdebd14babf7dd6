import { printable, withMarks } from '../text.ts';
import { codeFrame } from './code-frame.ts';
import type { FaroutError } from './farout-error.ts';
import { FaroutErrors } from './farout-errors.ts';

/**
 * An error as text for a terminal, without colours: where and what, the lines around, the fix and the choices, the code.
 * Several errors stand one after the other, parted by an empty line. No stack: the reader's file is at fault, not ours.
 *
 * Names and lines come from files of others: what would steer the terminal is shown as an escape, in the lines around as a mark,
 * and what follows a line break is indented, so that no name can imitate a line of ours.
 */
export function describeError(error: FaroutError | FaroutErrors): string {
  const errors = error instanceof FaroutErrors ? error.errors : [error];
  return errors.map(describeOne).join('\n\n');
}

function describeOne({ message, place, fix, choices, code }: FaroutError): string {
  const where = place ? `${printable(place.file)}:${place.line}:${place.column}  ` : '';
  const frame = place && codeFrame(place)?.split('\n').map(withMarks).join('\n');
  const names = choices && `${printable(choices.title)}: ${choices.names.map(printable).join(', ')}.`;
  const advice = [fix && indented(fix), names].filter(Boolean).join('   ');
  return [where + indented(message), ...(frame ? ['', frame, ''] : []), ...(advice ? [advice] : []), `[${code}]`].join(
    '\n',
  );
}

/** Each line after the first begins with two blanks at least. */
const indented = (text: string) =>
  text
    .split(/\r?\n/)
    .map((line, index) => (index === 0 || line.startsWith('  ') ? '' : '  ') + printable(line))
    .join('\n');
