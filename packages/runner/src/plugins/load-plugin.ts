import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { OodkitError, pluginMark, type ErrorCode, type PluginDefinition, type SourcePlace } from '@oodkit/core';
import { createJiti } from 'jiti';
import { hashBytes } from '../store/hash.ts';
import type { LoadedPlugin } from './catalogue.ts';
import { checkPlugin } from './check-plugin.ts';
import { hostModules } from './host-modules.ts';
import { settled } from './settled.ts';

/** Compiles TypeScript and ES modules as they are imported. One for all plugins, so that a module they share is one. */
const loader = createJiti(import.meta.url, {
  virtualModules: { ...hostModules },
  // The file cache lies in a folder that other users may write to.
  fsCache: false,
  interopDefault: false,
  sourceMaps: true,
});

/** A plugin as an experiment names it. */
export interface PluginReference {
  /** A package, or a file when it starts with a dot or is absolute. */
  readonly specifier: string;
  /** Absolute folder that files are relative to and packages are looked for from. */
  readonly folder: string;
  readonly place: SourcePlace;
}

/**
 * Loads the plugins of a package or of a local file (.ts, .mts, .js, .mjs, .cjs), running its code. Every export that
 * `definePlugin` made is one, named or default.
 *
 * @throws OodkitError OOD_PLUGIN_FAILED with the plugin's own error as its cause, OOD_PLUGIN_INVALID.
 */
export async function loadPlugin(reference: PluginReference): Promise<LoadedPlugin[]> {
  const { specifier, place } = reference;
  const file = resolve(reference);
  const exported = await load(file, reference);
  const plugins = markedExports(exported);
  if (plugins.length === 0) throw fault('OOD_PLUGIN_INVALID', reference, 'exports no plugin', noPlugin);
  for (const plugin of plugins) {
    const mistakes = checkPlugin(plugin);
    if (mistakes.length > 0) throw fault('OOD_PLUGIN_INVALID', reference, mistakes.join('; '), keepContract);
  }
  const origin = isFileSpecifier(specifier) ? await fileOrigin(specifier, file) : await packageOrigin(specifier, file);
  return plugins.map((plugin) => ({ plugin, origin, place }));
}

const noPlugin = 'Export what definePlugin({ name, … }) of @oodkit/core returns.';
const keepContract = 'Correct what the plugin gives to definePlugin.';

/** Whether a plugin is named by a path; otherwise it is a package. */
export const isFileSpecifier = (specifier: string) => specifier.startsWith('.') || path.isAbsolute(specifier);

function fault(code: ErrorCode, { specifier, place }: PluginReference, what: string, fix: string, cause?: unknown) {
  return new OodkitError(code, `the plugin "${specifier}" ${what}`, { place, fix, cause });
}

function resolve(reference: PluginReference): string {
  const { specifier, folder } = reference;
  const parentURL = pathToFileURL(path.join(folder, 'experiment.yaml'));
  const found = loader.esmResolve(specifier, { parentURL, try: true });
  if (found !== undefined) return found.startsWith('file:') ? fileURLToPath(found) : found;
  const fix = isFileSpecifier(specifier)
    ? `There is no file ${path.resolve(folder, specifier)}.`
    : `Install the package where ${folder} finds it; a file is written with a leading "./".`;
  throw fault('OOD_PLUGIN_FAILED', reference, 'cannot be found', fix);
}

async function load(file: string, reference: PluginReference): Promise<unknown> {
  try {
    return await settled(loader.import(file));
  } catch (cause) {
    // Thrown in the plugin's realm: neither surely an Error nor surely of this one.
    const { message = cause, stack } = (cause ?? {}) as Partial<Error>;
    throw fault('OOD_PLUGIN_FAILED', reference, `failed to load: ${String(message)}`, whereToLook(file, stack), cause);
  }
}

function whereToLook(file: string, stack: string | undefined): string {
  const line = stack?.split(`${file}:`)[1]?.match(/^\d+/)?.[0];
  return `Correct ${file}${line === undefined ? '' : `, line ${line}`}, or leave the plugin out.`;
}

function markedExports(exported: unknown): PluginDefinition[] {
  if (typeof exported !== 'object' || exported === null) return [];
  return [...new Set([exported, ...Object.values(exported as Record<string, unknown>)])].filter(isMarked);
}

const isMarked = (value: unknown): value is PluginDefinition =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, pluginMark);

const fileOrigin = async (specifier: string, file: string) =>
  `${specifier.replaceAll('\\', '/')} SHA-256 ${hashBytes(await readFile(file))}`;

/** Name and version from the nearest package.json above the file; without a version, the file's hash stands for it. */
async function packageOrigin(specifier: string, file: string): Promise<string> {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const { name, version } = await readManifest(path.join(folder, 'package.json'));
    if (typeof name === 'string' && typeof version === 'string') return `${name} ${version}`;
  }
  return fileOrigin(specifier, file);
}

async function readManifest(file: string): Promise<{ name?: unknown; version?: unknown }> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as { name?: unknown; version?: unknown };
  } catch {
    // Not every folder between a module and its package's root has a manifest.
    return {};
  }
}
