import { isBuiltin } from 'node:module';
import { FaroutError, type PluginDefinition } from '@farout/core';
import { badCommand } from '../errors.ts';

/** The kinds of parts that have templates. */
export const templateKinds = ['backbone', 'hook', 'scorer', 'dataset', 'metric'] as const;

export type TemplateKind = (typeof templateKinds)[number];

/** What a package can contain: one part, or several. */
export const newKinds = [...templateKinds, 'plugin'] as const;

export type NewKind = (typeof newKinds)[number];

/** A package to be written. */
export interface NewPackage {
  readonly kind: NewKind;
  /** Of the package, and of its part if it has only one. */
  readonly name: string;
  readonly language: 'ts' | 'js';
}

/** A part of the package. Its name is also the name of its file. */
export interface NewPart {
  readonly kind: TemplateKind;
  readonly name: string;
}

/** The files of a package: path within it, with forward slashes → content. */
export type PackageFiles = Readonly<Record<string, string | Uint8Array>>;

/** The parts of a new package with several parts. No backbone, because an experiment has only one. */
const ofPlugin = templateKinds.filter((kind) => kind !== 'backbone');

/** The parts of a package, in the order of `templateKinds`. */
export const partsOf = ({ kind, name }: NewPackage): readonly NewPart[] =>
  kind === 'plugin' ? ofPlugin.map((each) => ({ kind: each, name: `${name}-${each}` })) : [{ kind, name }];

/** Stricter than npm: also valid as a file name on every system, and unquoted in YAML and code. */
const nameRule = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const longest = 64;
/** Names with another meaning: in YAML, among the package's own files, or among the packages that it needs. */
const taken = ['true', 'false', 'null', 'index', 'farout', 'typescript', 'vitest', 'zod'];

/**
 * Checks what the user asked for against the built-in plugins.
 *
 * @throws FaroutError OOD_BAD_COMMAND if there is no such kind, if the name is not valid for a package, or if a built-in part has it.
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
  // An import of that name would load Node's module instead of the package.
  if (isBuiltin(name)) throw wrongName(`"${name}" is a Node.js module`);
  return name;
}

const wrongName = (message: string) =>
  new FaroutError('OOD_BAD_COMMAND', message, {
    fix: `Choose another name: lower-case letters, digits and single hyphens, starting with a letter, at most ${longest} characters, such as my-scorer.`,
  });
