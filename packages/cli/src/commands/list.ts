import { partKinds, type Catalogue, type CatalogueEntry, type PartKind } from '@oodkit/runner';
import { badCommand } from '../bad-command.ts';
import { catalogueWith } from '../catalogue.ts';
import { exitCodes } from '../exit-codes.ts';
import { originOf } from '../origin-of.ts';
import { parametersOf } from '../parameters-of.ts';

/** What the command line gives to `oodkit list`. */
export interface ListRequest {
  readonly kind?: string | undefined;
  readonly plugin: readonly string[];
}

/** The kinds of parts as a listing names them. */
const plurals = partKinds.map((kind) => `${kind}s`);

/** `oodkit list`: a line for each part, with what it is and where it is from; with a kind also a line for each parameter. */
export async function list({ kind, plugin }: ListRequest): Promise<number> {
  const shown = kind === undefined ? partKinds : [checked(kind)];
  const catalogue = await catalogueWith(plugin);
  const brought = shown.filter((each) => each === shown[0] || catalogue.names(each).length > 0);
  const blocks = brought.map((each) => block(each, catalogue, kind !== undefined));
  process.stdout.write(`${blocks.join('\n\n')}\n`);
  return exitCodes.done;
}

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
  const lines = entries.flatMap((entry) => {
    const { name, definition } = entry;
    const line = `  ${name.padEnd(names)}  ${originOf(entry).padEnd(origins)}  ${definition.about?.summary ?? ''}`;
    return [line.trimEnd(), ...(inFull ? parametersOf(entry).map(parameterLine) : [])];
  });
  return [`${kind}s`, ...lines].join('\n');
}

const parameterLine = ({ name, value, meaning }: ReturnType<typeof parametersOf>[number]) =>
  `    ${`${name}${value}`.padEnd(36)}  ${meaning}`.trimEnd();
