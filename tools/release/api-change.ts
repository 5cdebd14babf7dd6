/** The effect of a change of exports on importers. */
export type ApiChange = 'breaks' | 'adds' | 'nothing';

/** The differences between two reports of one package. */
export interface ApiDifference {
  readonly change: ApiChange;
  /** The declarations that were removed or lost a line. */
  readonly broken: readonly string[];
  /** The declarations that are new, or gained lines and lost none. */
  readonly added: readonly string[];
}

/**
 * Compares two API reports of a package by the rules of docs/versions.md: a removed or changed line breaks plugins, a new line adds something.
 * Anything marked `@internal` is ignored.
 *
 * A program cannot tell whether a changed line only accepts or guarantees more than before, so it counts as breaking.
 *
 * @param before the report at the last release; undefined if the package had none
 * @param now the current report; undefined if the package no longer has one
 */
export function compareApi(before: string | undefined, now: string | undefined): ApiDifference {
  const [old, current] = [declarationsIn(before ?? ''), declarationsIn(now ?? '')];
  const broken = [...old].filter(([name, lines]) => !holds(current.get(name) ?? [], lines)).map(([name]) => name);
  const added = [...current]
    .filter(([name, lines]) => !broken.includes(name) && !holds(old.get(name) ?? [], lines))
    .map(([name]) => name);
  const change = broken.length > 0 ? 'breaks' : added.length > 0 ? 'adds' : 'nothing';
  return { change, broken, added };
}

/** Whether each line occurs among the others at least as often. */
function holds(others: readonly string[], lines: readonly string[]): boolean {
  const rest = [...others];
  return lines.every((line) => {
    const index = rest.indexOf(line);
    if (index >= 0) rest.splice(index, 1);
    return index >= 0;
  });
}

const declaration =
  /^(?:export )?(?:declare |default |abstract )*(?:class|interface|function|const|let|type|enum|namespace) (\w+)/;

/** The lines of each declaration of a report, by name, without comments and internal members. */
function declarationsIn(report: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const [, code = ''] = /^```ts\n([\s\S]*?)^```/m.exec(report.replaceAll('\r\n', '\n')) ?? [];
  for (const block of code.split(/\n{2,}/)) {
    const lines = withoutInternal(block.split('\n').map((line) => line.trim()));
    const name = lines.map((line) => declaration.exec(line)?.[1]).find((each) => each !== undefined);
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), ...lines]);
  }
  return found;
}

/** `@internal` precedes the declaration or member it marks; for a declaration, everything in it is internal. */
function withoutInternal(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => !line.startsWith('//') && line !== '');
  if (lines.slice(0, Math.max(first, 0)).some(isInternal)) return [];
  return lines.filter((line, index) => line !== '' && !line.startsWith('//') && !isInternal(lines[index - 1] ?? ''));
}

const isInternal = (line: string) => /^\/\/ @internal\b/.test(line);
