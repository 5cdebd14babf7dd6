const longest = 80;

/** Text out of a file, as an error may print it: at most 80 characters, and none that a terminal would obey. */
export function shown(text: string): string {
  const printable = text.slice(0, longest).replace(/\p{C}/gu, '\ufffd');
  return text.length > longest ? `${printable}…` : printable;
}
