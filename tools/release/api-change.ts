/** What a change of exports does to those who import them. */
export type ApiChange = 'breaks' | 'adds' | 'nothing';

/** What two reports of one package tell apart. */
export interface ApiDifference {
  readonly change: ApiChange;
  /** The declarations that have lost a line, or that are gone. */
  readonly broken: readonly string[];
  /** The declarations that are new or have a line more, and lost none. */
  readonly added: readonly string[];
}

/**
 * Compares two reports of what a package exports, as docs/versions.md reads them: a line that is gone or has changed breaks
 * plugins, a new line adds something. What is marked `@internal` is no contract.
 *
 * Whether a changed line only takes more or promises more than before, no program can tell: it counts as broken.
 *
 * @param before the report at the last release; undefined when the package had none
 * @param now the report as it is; undefined when the package has none any more
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

/** Whether each line is among the others as often. */
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

/** The lines of each declaration of a report by its name, without comments and without what is internal. */
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

/** `@internal` stands above the declaration or the member that it marks; of a declaration, all is internal. */
function withoutInternal(lines: readonly string[]): string[] {
  const first = lines.findIndex((line) => !line.startsWith('//') && line !== '');
  if (lines.slice(0, Math.max(first, 0)).some(isInternal)) return [];
  return lines.filter((line, index) => line !== '' && !line.startsWith('//') && !isInternal(lines[index - 1] ?? ''));
}

const isInternal = (line: string) => /^\/\/ @internal\b/.test(line);
