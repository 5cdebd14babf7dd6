/**
 * Characters that a terminal obeys or that hide themselves: controls (C0, DEL, C1), changes of direction, breaks of lines and paragraphs,
 * halves of characters. The joiners (U+200C, U+200D), which scripts and emoji need, stay.
 */
const steering = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Text from outside (names of files, keys, nodes, plugins, what others' errors say) on one line of a terminal: what would steer
 * the terminal, a line break included, becomes a visible escape (`\x1b`, `\u202e`), so that a name can neither move the cursor nor
 * imitate another line.
 */
export const printable = (text: string): string => text.replace(steering, escape);

/** The same for a text of several lines, as a stack: its line breaks and tabs stay. */
export const printableLines = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(steering, (character) => (/[\n\t]/.test(character) ? character : escape(character)));

function escape(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
}

/** The same, character by character: one mark for each, so that carets below a line still point where they should. */
export const withMarks = (text: string): string =>
  text.replace(steering, (character) => (character === '\t' ? character : '\uFFFD'.repeat(character.length)));

/** What makes a spreadsheet compute a cell instead of showing it, and the apostrophe that keeps it from doing so. */
const formulaStart = /^(?=[=+\-@\t\r＝＋－＠'])|(?<=[;\t\r\n])(?=\s*[=+\-@＝＋－＠'])/gu;

/**
 * A line of CSV, RFC 4180, with its end: texts of others, then numbers and words of ours.
 *
 * A text that a spreadsheet would take for a formula begins with an apostrophe: before `=`, `+`, `-`, `@` and their wide forms, a
 * tab or a carriage return at its start, or those behind a semicolon, a tab or a line break in it, where some spreadsheets
 * begin a cell. So does one that begins with an apostrophe: who takes one apostrophe from these places has the text.
 */
export const csvLine = (texts: readonly string[], values: readonly string[] = []): string =>
  `${[...texts.map(textCell), ...values].map(quoted).join(',')}\r\n`;

/** A text as `csvLine` has it, for one that stands among values. */
export const textCell = (text: string): string => text.replace(formulaStart, "'");

const ofFormula = /^'(?=[=+\-@\t\r＝＋－＠'])|(?<=[;\t\r\n])'(?=\s*[=+\-@＝＋－＠'])/gu;

/** The text that `textCell` made this cell of. */
export const cellText = (cell: string): string => cell.replace(ofFormula, '');

const quoted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** Bytes as text, or what they are instead. */
export type DecodedText = { readonly text: string } | { readonly fault: string; readonly fix: string };

/** The marks that editors put before text, the longer ones first. */
const marks: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe, 0, 0], 'UTF-32'],
  [[0, 0, 0xfe, 0xff], 'UTF-32'],
  [[0xff, 0xfe], 'UTF-16'],
  [[0xfe, 0xff], 'UTF-16'],
];

/**
 * A file of the user's as text: UTF-8, without its byte order mark. Of anything else it says in words what it is (`is UTF-16, not UTF-8`)
 * and what to do: text in another encoding decodes to other names, and none of it is fit for a terminal.
 */
export function decodeText(bytes: Uint8Array): DecodedText {
  const encoding = encodingOf(bytes);
  if (encoding !== undefined) {
    const fix = `Save it as UTF-8 in your editor, or: iconv -f ${encoding} -t UTF-8.`;
    return { fault: `is ${encoding}, not UTF-8`, fix };
  }
  if (bytes.includes(0)) return { fault: 'is not text: it has zero bytes', fix: 'Name a text file.' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return {
      fault: `is not UTF-8: line ${firstBadLine(bytes)} has bytes in another encoding`,
      fix: 'Save it as UTF-8 in your editor; if it is Latin-1, as on older systems: iconv -f LATIN1 -t UTF-8.',
    };
  }
}

/** The encoding that a mark tells, or that zeros at every second or fourth byte of the first ones do. */
function encodingOf(bytes: Uint8Array): string | undefined {
  const marked = marks.find(([mark]) => mark.every((byte, at) => bytes[at] === byte));
  if (marked) return marked[1];
  const start = bytes.subarray(0, 64);
  const zeros = (width: number, at: number) => start.every((byte, index) => index % width !== at || byte === 0);
  if (start.length < 4 || start.every((byte) => byte === 0)) return undefined;
  if ((zeros(4, 2) && zeros(4, 3)) || (zeros(4, 0) && zeros(4, 1))) return 'UTF-32';
  return zeros(2, 1) || zeros(2, 0) ? 'UTF-16' : undefined;
}

/** Counted from 1. A line that decodes is one, whatever comes before it: no character of UTF-8 has a line break in it. */
function firstBadLine(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    const next = end < 0 ? bytes.length : end + 1;
    try {
      decoder.decode(bytes.subarray(from, next));
    } catch {
      break;
    }
    from = next;
  }
  return line;
}
