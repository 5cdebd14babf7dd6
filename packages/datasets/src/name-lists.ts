/** So many of something: `1 link`, `2 links`. */
export const some = (names: readonly string[], thing: string, things = `${thing}s`): string =>
  `${names.length} ${names.length === 1 ? thing : things}`;

export const is = (names: readonly string[]): string => (names.length === 1 ? 'is' : 'are');

/** How many names a sentence spells out before it counts the rest. */
const spelledOut = 5;

/** The first of some names, and how many more there are. */
export function listed(names: readonly string[], described: (name: string) => string = (name) => name): string {
  const first = sortByBytes(names).slice(0, spelledOut).map(described).join(', ');
  return names.length > spelledOut ? `${first} and ${names.length - spelledOut} more` : first;
}

/** `names` in the order of their bytes in UTF-8: the same on every machine and in every language. */
export function sortByBytes(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, bytes: Buffer.from(name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ name }) => name);
}
