/**
 * Characters that control a terminal or are invisible: controls (C0, DEL, C1), direction changes, line and paragraph breaks, lone
 * surrogates. The joiners (U+200C, U+200D), which some scripts and emoji need, are kept.
 */
const steering = /(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Makes external text (names of files, keys, nodes, plugins, messages of other errors) safe for one line of a terminal: control characters,
 * including line breaks, become visible escapes (`\x1b`, `\u202e`), so that a name can neither move the cursor nor fake another line.
 */
export const printable = (text: string): string => text.replace(steering, escape);

/** The same for a multi-line text, such as a stack: line breaks and tabs are kept. */
export const printableLines = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(steering, (character) => (/[\n\t]/.test(character) ? character : escape(character)));

function escape(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
}

/** The same with one mark per character, so that carets below a line still point to the right place. */
export const withMarks = (text: string): string =>
  text.replace(steering, (character) => (character === '\t' ? character : '\uFFFD'.repeat(character.length)));

/** What makes a spreadsheet evaluate a cell as a formula, and the apostrophe that prevents it. */
const formulaStart = /^(?=[=+\-@\t\r＝＋－＠'])|(?<=[;\t\r\n])(?=\s*[=+\-@＝＋－＠'])/gu;

/**
 * A line of CSV (RFC 4180) with its line end: external texts first, then our own numbers and words.
 *
 * A text that a spreadsheet would take for a formula gets an apostrophe: before `=`, `+`, `-`, `@` and their wide forms, a tab or a
 * carriage return at its start, and before those after a semicolon, a tab or a line break, where some spreadsheets start a cell. A text
 * that starts with an apostrophe gets another one, so removing one apostrophe from each of these places restores the text.
 */
export const csvLine = (texts: readonly string[], values: readonly string[] = []): string =>
  `${[...texts.map(textCell), ...values].map(quoted).join(',')}\r\n`;

/** A text as `csvLine` writes it, for use among values. */
export const textCell = (text: string): string => text.replace(formulaStart, "'");

const ofFormula = /^'(?=[=+\-@\t\r＝＋－＠'])|(?<=[;\t\r\n])'(?=\s*[=+\-@＝＋－＠'])/gu;

/** The inverse of `textCell`. */
export const cellText = (cell: string): string => cell.replace(ofFormula, '');

const quoted = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);

/** Decoded text, or what the bytes are instead. */
export type DecodedText = { readonly text: string } | { readonly fault: string; readonly fix: string };

/** Byte order marks, the longer ones first. */
const marks: readonly (readonly [bytes: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe, 0, 0], 'UTF-32'],
  [[0, 0, 0xfe, 0xff], 'UTF-32'],
  [[0xff, 0xfe], 'UTF-16'],
  [[0xfe, 0xff], 'UTF-16'],
];

/**
 * Decodes a user's file as UTF-8, without its byte order mark. For anything else it says what it is (`is UTF-16, not UTF-8`) and what to
 * do, because text in another encoding would decode to wrong names and could not be shown on a terminal.
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

/** The encoding, from the byte order mark, or from zeros at every second or fourth of the first bytes. */
function encodingOf(bytes: Uint8Array): string | undefined {
  const marked = marks.find(([mark]) => mark.every((byte, at) => bytes[at] === byte));
  if (marked) return marked[1];
  const start = bytes.subarray(0, 64);
  const zeros = (width: number, at: number) => start.every((byte, index) => index % width !== at || byte === 0);
  if (start.length < 4 || start.every((byte) => byte === 0)) return undefined;
  if ((zeros(4, 2) && zeros(4, 3)) || (zeros(4, 0) && zeros(4, 1))) return 'UTF-32';
  return zeros(2, 1) || zeros(2, 0) ? 'UTF-16' : undefined;
}

/** Counted from 1. Each line can be checked separately, because no multi-byte UTF-8 character contains a line break. */
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
