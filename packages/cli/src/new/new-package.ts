import { isBuiltin } from 'node:module';
import { FaroutError, type PluginDefinition } from '@farout/core';
import { badCommand } from '../errors.ts';

/** The kinds of parts that there are templates of. */
export const templateKinds = ['backbone', 'hook', 'scorer', 'dataset', 'metric'] as const;

export type TemplateKind = (typeof templateKinds)[number];

/** What a package can be of: one part, or several. */
export const newKinds = [...templateKinds, 'plugin'] as const;

export type NewKind = (typeof newKinds)[number];

/** A package that is to be written. */
export interface NewPackage {
  readonly kind: NewKind;
  /** Of the package, and of its part when it has one. */
  readonly name: string;
  readonly language: 'ts' | 'js';
}

/** A part of it: its name is also its file's. */
export interface NewPart {
  readonly kind: TemplateKind;
  readonly name: string;
}

/** The files of a package: path in it, with forward slashes → content. */
export type PackageFiles = Readonly<Record<string, string | Uint8Array>>;

/** What a package of several parts begins with. A backbone is left out: experiments have one each. */
const ofPlugin = templateKinds.filter((kind) => kind !== 'backbone');

/** The parts of a package, in the order of `templateKinds`. */
export const partsOf = ({ kind, name }: NewPackage): readonly NewPart[] =>
  kind === 'plugin' ? ofPlugin.map((each) => ({ kind: each, name: `${name}-${each}` })) : [{ kind, name }];

/** Stricter than npm: what is also a file's name everywhere, and text in YAML and in code without quotes around it. */
const nameRule = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 64;
/** Names of something else: to YAML, among the package's own files, or among the packages that it needs. */
const taken = ['true', 'false', 'null', 'index', 'farout', 'typescript', 'vitest', 'zod'];

/**
 * Checks what the user has asked for against the built-in plugins.
 *
 * @throws FaroutError OOD_BAD_COMMAND when there is no such kind, the name cannot be a package's, or a built-in part has it.
 */
export function checkNewPackage(
  { kind, name, js }: { readonly kind: string; readonly name: string; readonly js: boolean },
  builtIns: readonly PluginDefinition[],
): NewPackage {
  const wanted: NewPackage = { kind: checkedKind(kind), name: checkedName(name), language: js ? 'js' : 'ts' };
  for (const part of partsOf(wanted)) {
    if (!builtIns.some((plugin) => plugin[`${part.kind}s`]?.some((other) => other.name === part.name))) continue;
    throw wrongName(`farout already has a ${part.kind} "${part.name}"`);
  }
  return wanted;
}

function checkedKind(word: string): NewKind {
  const kind = newKinds.find((each) => each === word);
  if (kind === undefined) throw badCommand(`unknown kind "${word}"`, { word, title: 'Kinds', names: newKinds });
  return kind;
}

function checkedName(name: string): string {
  if (!nameRule.test(name) || name.length > longest || taken.includes(name)) {
    throw wrongName(`"${name}" cannot be the name of a package`);
  }
  // Imported by that name, it would be Node's and not the package.
  if (isBuiltin(name)) throw wrongName(`"${name}" is a Node.js module`);
  return name;
}

const wrongName = (message: string) =>
  new FaroutError('OOD_BAD_COMMAND', message, {
    fix: `Choose another name: lower-case letters, digits and single hyphens, starting with a letter, at most ${longest} characters, such as my-scorer.`,
  });
