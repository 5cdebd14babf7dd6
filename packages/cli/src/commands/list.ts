import { families, printable, type Family } from '@farout/core';
import { type Catalogue, type CatalogueEntry, type PartKind, partKinds } from '@farout/runner';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { printableJson } from '../events.ts';
import { catalogueWith, type Parameter, parametersOf } from '../parts.ts';

/** Arguments of `farout list`. */
interface ListRequest {
  readonly kind?: string | undefined;
  readonly plugin: readonly string[];
  readonly json: boolean;
}

/** The kinds of parts as named in a listing. */
export const plurals = partKinds.map((kind) => `${kind}s`);

/**
 * `farout list`: one line for each part, with its summary and origin; for a given kind, also one line for each
 * parameter. With `--json`, everything known about each part.
 */
export async function list({ kind, plugin, json }: ListRequest): Promise<number> {
  const shown = kind === undefined ? partKinds : [checked(kind)];
  const catalogue = await catalogueWith(plugin);
  if (json) {
    const parts = shown.flatMap((each) => catalogue.entries(each).map(plainPart));
    process.stdout.write(`${printableJson(JSON.stringify({ version: listVersion, parts }, undefined, 2))}\n`);
    return exitCodes.done;
  }
  const brought = shown.filter((each) => each === shown[0] || catalogue.names(each).length > 0);
  const blocks = brought.map((each) => block(each, catalogue, kind !== undefined));
  process.stdout.write(`${blocks.join('\n\n')}\n`);
  return exitCodes.done;
}

/** Changes when programs that read the JSON must be adapted. */
const listVersion = 1;

function plainPart(entry: CatalogueEntry) {
  const { kind, name, definition, origin } = entry;
  const { summary = null, formula = null, source = null, ...about } = definition.about ?? {};
  return {
    kind,
    name,
    origin,
    summary,
    formula,
    source,
    ...about,
    parameters: parametersOf(entry).map(plainParameter),
  };
}

/** The default is text, as in `farout explain`, because JSON cannot express every default. */
const plainParameter = ({ name, required, default: value, type, meaning }: Parameter) => ({
  name,
  required,
  default: value ?? null,
  type: type === '' ? null : type,
  meaning: meaning === '' ? null : meaning,
});

function checked(word: string): PartKind {
  const kind = partKinds.find((each) => `${each}s` === word);
  if (kind === undefined) throw badCommand(`unknown kind "${word}"`, { word, title: 'Kinds', names: plurals });
  return kind;
}

function block(kind: PartKind, catalogue: Catalogue, inFull: boolean): string {
  const entries = catalogue.entries(kind);
  const width = (column: (entry: CatalogueEntry) => string) =>
    entries.reduce((most, entry) => Math.max(most, column(entry).length), 0);
  const [names, origins] = [width(({ name }) => name), width(originOf)];
  const lines = (entry: CatalogueEntry) => {
    const { name, definition } = entry;
    const line = `  ${name.padEnd(names)}  ${originOf(entry).padEnd(origins)}  ${saidOf(definition)}`;
    return [line.trimEnd(), ...(inFull ? parametersOf(entry).map(parameterLine) : [])];
  };
  return groupsOf(kind, entries)
    .map(([title, group]) => [title, ...group.flatMap(lines)].map(printable).join('\n'))
    .join('\n\n');
}

/** Parts under headings: detectors by what they use, those that do not declare it last; all other parts together. */
function groupsOf(kind: PartKind, entries: readonly CatalogueEntry[]): [string, CatalogueEntry[]][] {
  const groups = new Map<string, CatalogueEntry[]>();
  for (const family of [...families, undefined]) {
    const own = entries.filter(({ definition }) => definition.about?.family === family);
    const title = family === undefined ? `${kind}s` : `${kind}s, ${headings[family]}`;
    if (own.length > 0 || (family === undefined && entries.length === 0)) groups.set(title, own);
  }
  return [...groups];
}

const headings = {
  logits: 'from logits',
  features: 'from features',
  distance: 'from distances',
  gradient: 'from gradients',
  maps: 'from maps',
} as const satisfies Record<Family, string>;

const saidOf = ({ about }: CatalogueEntry['definition']): string =>
  [
    about?.summary,
    about?.aliases && `(also ${about.aliases.join(', ')})`,
    about?.unproven !== undefined && '(unproven)',
  ]
    .filter(Boolean)
    .join(' ');

const parameterLine = ({ label, meaning }: Parameter) => `    ${label.padEnd(36)}  ${meaning}`.trimEnd();

/** The origin of a part, short enough for a line: only the first digits of a file's hash. */
const originOf = ({ origin }: CatalogueEntry): string => origin.replace(/(SHA-256 [0-9a-f]{8})[0-9a-f]+$/, '$1…');
