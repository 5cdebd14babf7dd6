import { printable, withMarks } from '../text.ts';
import { FaroutErrors, type FaroutError, type SourcePlace } from './farout-error.ts';

/**
 * An error as text for a terminal, without colours: place and message, the surrounding lines, the fix and the choices, the code. Several
 * errors are separated by an empty line. There is no stack trace, because the fault is in the user's file.
 *
 * Names and lines come from untrusted files: terminal control characters are shown as escapes, or in the surrounding lines as marks, and
 * text after a line break is indented, so that no name can fake a line of this output.
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

/** Indents every line after the first by at least two spaces. */
const indented = (text: string) =>
  text
    .split(/\r?\n/)
    .map((line, index) => (index === 0 || line.startsWith('  ') ? '' : '  ') + printable(line))
    .join('\n');

/** The maximum number of characters shown of a line, and how many of them before the place. */
const shown = { width: 160, before: 60 };

/** The line of a place and its neighbours, numbered, with carets under the place; undefined if the text is unknown or too short. */
function codeFrame({ text, line, column, length = 1 }: SourcePlace): string | undefined {
  const lines = text?.split(/\r?\n/);
  const faulty = lines?.[line - 1];
  if (!lines || faulty === undefined) return undefined;
  const cut = faulty.length > shown.width ? Math.max(0, column - 1 - shown.before) : 0;
  const digits = String(lines[line] ? line + 1 : line).length;
  const row = (number: number | '', content: string) =>
    `${number === line ? '>' : ' '} ${String(number).padStart(digits)} | ${content}`.trimEnd();
  const numbered = (number: number) => row(number, hidden(lines[number - 1]!).slice(cut, cut + shown.width));
  return [
    ...(line > 1 ? [numbered(line - 1)] : []),
    numbered(line),
    row('', underline(faulty.slice(cut, cut + shown.width), column - 1 - cut, length)),
    ...(lines[line] ? [numbered(line + 1)] : []),
  ].join('\n');
}

/** A line with stars in place of possible secrets in URLs: user, password and query. Its width stays the same. */
const hidden = (line: string): string =>
  line
    .replace(/(?<=https?:\/\/)[^\s/"'@]+(?=@)/gi, (user) => '*'.repeat(user.length))
    .replace(/(?<=https?:\/\/[^\s"'?#]*\?)[^\s"'#]+/gi, (query) => '*'.repeat(query.length));

/** Spaces as wide as the text before, keeping tabs, then a caret for each column of the place, at least one. */
function underline(content: string, start: number, length: number): string {
  const before = content.slice(0, start).replace(/[^\t]/gu, (character) => ' '.repeat(columns(character)));
  const meant = Array.from(content.slice(start, start + length)).reduce(
    (sum, character) => sum + columns(character),
    0,
  );
  return before + '^'.repeat(Math.max(1, meant));
}

/** East Asian wide and full-width forms and emoji; ambiguous ones count as narrow, as most terminals show them. */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

/** The number of terminal columns of a character. */
const columns = (character: string) => (/\p{M}|\u200D/u.test(character) ? 0 : wide.test(character) ? 2 : 1);

/**
 * A sentence that suggests the closest of `names` to a mistyped `word`, or undefined if none is close: at most a third of the longer word's
 * letters may differ, where a swap of two counts as one. Otherwise a name that the word abbreviates.
 */
export function didYouMean(word: string, names: readonly string[]): string | undefined {
  const ranked = names
    .filter((name) => Math.abs(name.length - word.length) <= mostEdits(word, name))
    .map((name) => ({ name, edits: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= mostEdits(word, name))
    .sort((a, b) => a.edits - b.edits);
  const meant = ranked[0]?.name ?? shortForm(word, names);
  return meant === undefined ? undefined : `Did you mean "${meant}"?`;
}

const mostEdits = (word: string, name: string) => Math.max(word.length, name.length) / 3;

/**
 * The number of typos between two words: letters deleted, inserted, substituted, or swapped with their neighbour; the optimal string
 * alignment distance, which changes no letter twice.
 *
 * Damerau, "A technique for computer detection and correction of spelling errors", Communications of the ACM, 1964.
 */
export function editDistance(word: string, other: string): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let row = 1; row <= word.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const replaced = last[column - 1]! + Number(word[row - 1] !== other[column - 1]);
      const isSwap = row > 1 && word[row - 2] === other[column - 1] && word[row - 1] === other[column - 2];
      const swapped = isSwap ? before[column - 2]! + 1 : Infinity;
      current.push(Math.min(current[column - 1]! + 1, last[column]! + 1, replaced, swapped));
    }
    [before, last] = [last, current];
  }
  return last[other.length]!;
}

/** The name that an abbreviation of at least three letters stands for: `fpr` for fpr95, `folder` for image-folder, `auc` for auroc. */
function shortForm(word: string, names: readonly string[]): string | undefined {
  const short = word.toLowerCase();
  if (short.length < 3) return undefined;
  const tests = [
    (name: string) => name.startsWith(short),
    (name: string) => name.split(/[-_. ]/).includes(short),
    (name: string) => name.length >= 3 && short.startsWith(name),
    (name: string) => name.length <= 2 * short.length && name.startsWith(short.charAt(0)) && hasInOrder(name, short),
  ];
  for (const test of tests) {
    const found = names.find((name) => test(name.toLowerCase()));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a name contains all letters of a word, in order. */
function hasInOrder(name: string, word: string): boolean {
  let at = 0;
  for (const letter of name) if (letter === word[at]) at++;
  return at === word.length;
}
