/** A count with its noun: `1 link`, `2 links`. */
export const some = (names: readonly string[], thing: string, things = `${thing}s`): string =>
  `${names.length} ${names.length === 1 ? thing : things}`;

export const is = (names: readonly string[]): string => (names.length === 1 ? 'is' : 'are');

/** How many names a sentence lists before it counts the rest. */
const spelledOut = 5;

/** The first names, and how many more there are. */
export function listed(names: readonly string[], described: (name: string) => string = (name) => name): string {
  const first = sortByBytes(names).slice(0, spelledOut).map(described).join(', ');
  return names.length > spelledOut ? `${first} and ${names.length - spelledOut} more` : first;
}

/** Sorts names by their UTF-8 bytes, which gives the same order on every machine and in every locale. */
export function sortByBytes(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, bytes: Buffer.from(name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ name }) => name);
}
