/** A line of a list that names an image. */
export interface ListLine {
  /** From 1, as editors count. */
  readonly line: number;
  /** The whole line, without the blanks around it. */
  readonly content: string;
  readonly name: string;
  /** The last field, when it is an integer. */
  readonly label: number | undefined;
}

/**
 * A list's lines: a path, then a label if the last field is an integer; fields are parted by blanks or tabs, and blanks within a
 * path belong to it. Empty lines are passed over.
 */
export function listLines(text: string): ListLine[] {
  return text
    .split('\n')
    .map((content, index) => ({ line: index + 1, ...fields(content.trim()) }))
    .filter(({ name }) => name !== '');
}

function fields(content: string): Omit<ListLine, 'line'> {
  const blank = Math.max(content.lastIndexOf(' '), content.lastIndexOf('\t'));
  const last = content.slice(blank + 1);
  return blank > 0 && /^[+-]?\d+$/.test(last)
    ? { content, name: content.slice(0, blank).trimEnd(), label: Number(last) }
    : { content, name: content, label: undefined };
}
