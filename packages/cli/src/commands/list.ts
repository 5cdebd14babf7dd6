import type { PluginDefinition } from '@oodkit/core';
import { badCommand } from '../bad-command.ts';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../exit-codes.ts';
import { parametersOf } from './parameters-of.ts';

/** What the command line gives to `oodkit list`. */
export interface ListRequest {
  readonly kind?: string | undefined;
}

/** The kinds of parts, as `PluginDefinition` names them. */
const kinds = ['backbones', 'hooks', 'scorers', 'datasets', 'metrics'] as const;
type Kind = (typeof kinds)[number];

/** `oodkit list`: one line for each part; with a kind also a line for each parameter. */
export function list({ kind }: ListRequest): Promise<number> {
  const shown = kind === undefined ? kinds : [checked(kind)];
  const blocks = shown.map((each) => [each, ...partsOf(each).map((part) => described(part, kind !== undefined))]);
  process.stdout.write(`${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`);
  return Promise.resolve(exitCodes.done);
}

function checked(word: string): Kind {
  const kind = kinds.find((each) => each === word);
  if (kind === undefined) throw badCommand(`unknown kind "${word}"`, { word, title: 'Kinds', names: kinds });
  return kind;
}

type Part = NonNullable<PluginDefinition[Kind]>[number];

const partsOf = (kind: Kind): Part[] =>
  builtIns.flatMap(({ plugin }): readonly Part[] => plugin[kind] ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));

function described(part: Part, inFull: boolean): string {
  if ('better' in part) return `  ${part.name.padEnd(24)}${part.better} is better`;
  const parameters = parametersOf(part.params);
  if (!inFull) return `  ${part.name.padEnd(24)}${parameters.map(({ name }) => name).join(', ')}`.trimEnd();
  return [
    `  ${part.name}`,
    ...parameters.map(({ name, value, meaning }) => `    ${`${name}${value}`.padEnd(36)}${meaning}`.trimEnd()),
  ].join('\n');
}
