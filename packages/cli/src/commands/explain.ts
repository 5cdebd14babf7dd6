import { didYouMean, printable, printableLines } from '@farout/core';
import { partKinds, type Catalogue, type CatalogueEntry } from '@farout/runner';
import { exitCodes } from '../command.ts';
import { badCommand } from '../errors.ts';
import { catalogueWith, parametersOf } from '../parts.ts';

/** Arguments of `farout explain`. */
interface ExplainRequest {
  readonly name: string;
  readonly plugin: readonly string[];
}

/** `farout explain`: what a part does, its formula and source, its parameters, and its origin. */
export async function explain({ name, plugin }: ExplainRequest): Promise<number> {
  const catalogue = await catalogueWith(plugin);
  const found = partKinds.flatMap((kind) => catalogue.find(kind, name) ?? []);
  if (found.length === 0) throw unknownPart(name, catalogue);
  process.stdout.write(printableLines(found.map(explained).join('\n')));
  return exitCodes.done;
}

/** The names of the built-in parts, for shell completion. */
export const builtInNames = async (): Promise<readonly string[]> => namesIn(await catalogueWith([]));

const namesIn = (catalogue: Catalogue) => partKinds.flatMap((kind) => catalogue.names(kind));

function unknownPart(word: string, catalogue: Catalogue) {
  const names = namesIn(catalogue);
  const nearest = didYouMean(word, [...names, ...partKinds.flatMap((kind) => catalogue.aliases(kind))]);
  return badCommand(`there is no part called "${word}"`, { word, title: 'Parts', names }, nearest);
}

function explained(entry: CatalogueEntry): string {
  const { kind, name, definition, origin } = entry;
  const { summary, formula, source, aliases, family, cost, defaults, unproven } = definition.about ?? {};
  const direction = 'better' in definition ? `${definition.better} is better` : undefined;
  const paragraphs = [
    [summary, direction].filter((line) => line !== undefined).join('\n'),
    formula,
    source && `From ${source}.`,
    aliases && `Also called ${aliases.join(', ')}.`,
    unproven && `Unproven: ${unproven}`,
    family && `Family: ${family}.`,
    cost && `Cost: ${cost}`,
    parameters(entry),
    defaults && `Defaults: ${defaults}`,
    ...presets(entry),
    `Provided by ${printable(origin)}.`,
  ];
  const body = paragraphs.filter((paragraph) => paragraph !== undefined && paragraph !== '');
  return `${printable(name)}, a ${kind}\n\n${body.map((paragraph) => indented(paragraph!)).join('\n\n')}\n`;
}

function parameters(entry: CatalogueEntry): string | undefined {
  if (['metric', 'section', 'reporter', 'storage'].includes(entry.kind)) return undefined;
  const all = parametersOf(entry);
  if (all.length === 0) return 'It has no parameters.';
  const lines = all.flatMap(({ label, type, meaning }) => [
    `  ${label}`,
    ...[type, meaning].filter((line) => line !== '').map((line) => `      ${line}`),
  ]);
  return ['Parameters', ...lines].join('\n');
}

/** What `preset: name` sets, one sentence for each name. */
function presets({ definition }: CatalogueEntry): string[] {
  const all = 'presets' in definition ? (definition.presets ?? {}) : {};
  return Object.entries(all).map(([name, values]) => {
    const said = Object.entries(values).map(([parameter, value]) => `${parameter}: ${inFlow(value)}`);
    return `Preset ${name}: ${said.join('; ')}.`;
  });
}

const inFlow = (value: unknown): string =>
  JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ').replace(':', ': ');

const indented = (text: string) => text.replace(/^/gm, '  ');
