import type { Catalogue, CatalogueEntry, PartKind } from '@farout/runner';
import { usage, type Command } from '../../packages/cli/src/command.ts';
import { commands } from '../../packages/cli/src/commands.ts';
import { catalogueWith, parametersOf, type Parameter } from '../../packages/cli/src/parts.ts';

const kinds = {
  scorer: 'A scorer turns what the network says of an image into one number: higher = more in-distribution.',
  hook: 'A hook changes what the network computes on the way, before a scorer reads it.',
  backbone: 'A backbone is the network: image → features, and the last layer.',
  dataset: 'A dataset is a named, ordered list of images.',
  metric: 'A metric compares the scores of the ID set with those of one OOD set.',
} as const satisfies Partial<Record<PartKind, string>>;

/** The pages that follow from the code: every part with its formula, source and parameters, and every command. */
export async function referencePages(): Promise<ReadonlyMap<string, string>> {
  const catalogue = await catalogueWith([]);
  const ofParts = Object.entries(kinds).map(([kind, says]) => {
    const page = partsPage(kind as keyof typeof kinds, says, catalogue);
    return [`reference/${kind}s.md`, page] as const;
  });
  return new Map([...ofParts, ['reference/commands.md', commandsPage()]]);
}

function partsPage(kind: keyof typeof kinds, says: string, catalogue: Catalogue): string {
  const entries = catalogue.entries(kind);
  const title = `${kind[0]!.toUpperCase()}${kind.slice(1)}s`;
  return [`# ${title}`, says, ...entries.map(partSection)].join('\n\n').concat('\n');
}

function partSection(entry: CatalogueEntry): string {
  const { name, definition } = entry;
  const { summary, formula, source, aliases, family, cost, defaults, unproven } = definition.about ?? {};
  const presets = 'presets' in definition ? Object.keys(definition.presets ?? {}) : [];
  const facts = [
    formula && ['Formula', code(formula)],
    source && ['Source', escaped(source)],
    aliases && ['Also called', aliases.map(code).join(', ')],
    family && ['Looks at', family],
    'better' in definition && ['Better', definition.better],
    cost && ['Cost', escaped(cost)],
    defaults && ['Defaults', escaped(defaults)],
    presets.length > 0 && ['Presets', presets.map(code).join(', ')],
    unproven && ['Unproven', escaped(unproven)],
  ].filter((fact): fact is [string, string] => Array.isArray(fact));
  const list = facts.map(([title, text]) => `- **${title}:** ${text}`).join('\n');
  const blocks = [`## ${code(name)}`, summary && escaped(summary), list, parameterTable(parametersOf(entry))];
  return blocks.filter(Boolean).join('\n\n');
}

function parameterTable(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, required, default: value, type, meaning }) => {
    const usual = required ? 'required' : value === undefined ? '' : code(value);
    return `| ${code(name)} | ${usual} | ${cell(type)} | ${cell(meaning)} |`;
  });
  return ['| parameter | default | takes | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

const commandsPage = (): string =>
  [
    '# Commands',
    'Every command of `farout`. In a clone of the repository, write `npm start --` for `farout`; `--help` after a command shows the same.',
    ...commands.map(commandSection),
  ]
    .join('\n\n')
    .concat('\n');

/** A word or an option of a command, as yargs takes it. */
type Taken = [word: string, given: { describe?: string; default?: unknown; defaultDescription?: string }];

function commandSection(command: Command): string {
  const { name, describes, words, options, examples } = command;
  const taken = [
    ...(Object.entries(words) as Taken[]),
    ...(Object.entries(options) as Taken[]).map(([option, given]): Taken => [`--${option}`, given]),
  ];
  const rows = taken.map(([word, option]) => {
    const usual = option.defaultDescription ?? (isSaid(option.default) ? JSON.stringify(option.default) : '');
    return `| ${code(word)} | ${cell(option.describe ?? '')} | ${cell(usual)} |`;
  });
  const lines = examples.flatMap(([line, does]) => [`# ${does}`, `farout ${line}`]);
  return [
    `## farout ${name}`,
    `${escaped(describes)}.`,
    `\`\`\`text\nfarout ${usage(command)}\n\`\`\``,
    ['| | | default |', '|---|---|---|', ...rows].join('\n'),
    `\`\`\`sh\n${lines.join('\n')}\n\`\`\``,
  ].join('\n\n');
}

const isSaid = (value: unknown) => value !== undefined && value !== false;
const code = (text: string) => `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
const escaped = (text: string) => text.replaceAll('<', '&lt;').replaceAll('{{', '&#123;&#123;');
const cell = (text: string) => escaped(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
