import { readFile, stat } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { manifestsOf, pulledFolder, type ManifestPlace } from '@farout/acquire/manifests';
import * as core from '@farout/core';
import {
  FaroutError,
  FaroutErrors,
  pluginMark,
  z,
  type ErrorCode,
  type PluginDefinition,
  type SourcePlace,
} from '@farout/core';
import * as linalg from '@farout/linalg';
import * as onnx from '@farout/onnx';
import * as tensor from '@farout/tensor';
import * as graph from '@farout/tensor/graph';
import type { Jiti } from 'jiti';
import { adviceOnPath, shortened } from '../path-advice.ts';
import { hashBytes } from '../store/entries.ts';
import { Catalogue, type LoadedPlugin } from './catalogue.ts';
import { checkPlugin } from './check.ts';
import { codeOfModule } from './code.ts';
import { settled } from './failure.ts';
import { serveStorages } from './storages.ts';

/** A plugin that is part of the program. */
export interface BuiltIn {
  readonly plugin: PluginDefinition;
  readonly version: string;
  /** SHA-256 of its code. What its parts have learnt is learnt again if it changes. */
  readonly code?: () => string;
  /** URL of the module that exports it, from which other threads import it. */
  readonly module?: string;
}

/** The contents of a catalogue. */
export interface CatalogueSources {
  readonly builtIns: readonly BuiltIn[];
  /** External plugins, in loading order. */
  readonly plugins: readonly PluginReference[];
}

/**
 * Loads all plugins and lists what they provide. Built-ins are loaded through the same interface as external plugins.
 * From then on, this process can open addresses of the storages they provide.
 *
 * @throws FaroutError or FaroutErrors, all at once: OOD_PLUGIN_FAILED, OOD_PLUGIN_INVALID, OOD_PLUGIN_CLASH.
 */
export async function loadCatalogue({ builtIns, plugins }: CatalogueSources): Promise<Catalogue> {
  const catalogue = new Catalogue();
  const mistakes: FaroutError[] = [];
  const add = async (loaded: LoadedPlugin) =>
    mistakes.push(...catalogue.add({ ...loaded, manifests: await manifestsIn(loaded) }));
  for (const { plugin, version, code, module } of builtIns) {
    const from = { origin: `${plugin.name} ${version}`, ...(module !== undefined && { module }) };
    await add({ plugin, ...from, ...(code && { code: once(code) }) });
  }
  for (const reference of plugins) {
    try {
      for (const loaded of await loadPlugin(reference)) await add(loaded);
    } catch (error) {
      if (!(error instanceof FaroutError)) throw error;
      mistakes.push(error);
    }
  }
  FaroutErrors.throwIfAny(mistakes);
  serveStorages(catalogue);
  return catalogue;
}

/** The manifests of a plugin. Their files are kept in the cache, under the plugin's name. */
async function manifestsIn({ plugin: { name, manifests }, place }: LoadedPlugin): Promise<readonly ManifestPlace[]> {
  if (!manifests) return [];
  const folder = fileURLToPath(manifests);
  const found = await manifestsOf(folder, pulledFolder(name));
  if (found.length > 0) return found;
  throw new FaroutError('OOD_PLUGIN_INVALID', `the plugin "${name}" has no manifests: ${folder} contains none`, {
    ...(place && { place }),
    fix: 'Manifests are files datasets/<name>.yaml or models/<name>.yaml, and must be listed in "files" of its package.json.',
  });
}

/** A plugin as an experiment names it. */
export interface PluginReference {
  /** A package, or a file if it starts with a dot or is absolute. */
  readonly specifier: string;
  /** Absolute folder that files are relative to, and from which packages are resolved. */
  readonly folder: string;
  /** Where an experiment names it; absent on the command line. */
  readonly place?: SourcePlace;
}

/**
 * Loads the plugins of a package or of a local file (.ts, .mts, .js, .mjs, .cjs), which runs its code. Every export
 * made by `definePlugin` is a plugin, whether named or default.
 *
 * @throws FaroutError OOD_PLUGIN_FAILED with the plugin's own error as its cause, OOD_PLUGIN_INVALID, OOD_PLUGIN_VERSION.
 */
export async function loadPlugin(reference: PluginReference): Promise<LoadedPlugin[]> {
  const { specifier, place } = reference;
  refuseAddress(reference);
  const file = await resolve(reference);
  await refuseNoFile(file, reference);
  const manifest = isFileSpecifier(specifier) ? undefined : await packageManifest(file);
  await refuseOtherCore(manifest, reference);
  const exported = await load(file, reference);
  const plugins = markedExports(exported);
  if (plugins.length === 0) throw fault('OOD_PLUGIN_INVALID', reference, 'exports no plugin', noPlugin);
  for (const plugin of plugins) {
    const mistakes = checkPlugin(plugin);
    if (mistakes.length > 0) throw fault('OOD_PLUGIN_INVALID', reference, mistakes.join('; '), keepContract);
  }
  const origin = manifest ? `${manifest.name} ${manifest.version}` : await fileOrigin(specifier, file);
  const code = once(() => codeOfModule(file));
  return plugins.map((plugin) => ({ plugin, origin, code, file, ...(place && { place }) }));
}

/** Caches the hash: files are read once for all parts of a plugin. */
function once(code: () => string): () => string {
  let hash: string | undefined;
  return () => (hash ??= code());
}

const noPlugin = 'Export what definePlugin({ name, … }) of @farout/core returns.';
const keepContract = 'Correct the value that the plugin passes to definePlugin.';

/** Whether a plugin is named by a path rather than as a package. */
export const isFileSpecifier = (specifier: string) => specifier.startsWith('.') || path.isAbsolute(specifier);

function fault(code: ErrorCode, { specifier, place }: PluginReference, what: string, fix: string, cause?: unknown) {
  return new FaroutError(code, `the plugin "${shortened(specifier)}" ${what}`, { ...(place && { place }), fix, cause });
}

/** Refuses modules of Node or of the network, which are neither packages nor files, although a loader would find some of them. */
function refuseAddress(reference: PluginReference): void {
  const { specifier } = reference;
  const [scheme] = /^[a-z][a-z\d+.-]+:/i.exec(specifier) ?? [];
  if (scheme === undefined && !isBuiltin(specifier)) return;
  const what = isBuiltin(specifier) || scheme === 'node:' ? 'is a Node.js module' : `is an address ("${scheme!}")`;
  throw fault('OOD_PLUGIN_FAILED', reference, `${what}, not a package or file`, nameOne);
}

const nameOne =
  'Name an installed package, or a file with a leading "./"; download or install it first if it is elsewhere.';

/** Refuses anything but an ordinary, non-empty file, before reading it: some special files never end. */
async function refuseNoFile(file: string, reference: PluginReference): Promise<void> {
  const stats = await stat(file).catch((cause: unknown) => {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw fault('OOD_PLUGIN_FAILED', reference, `cannot be read (${code}): ${shortened(file)}`, nameOne, cause);
  });
  if (!stats.isFile()) throw fault('OOD_PLUGIN_FAILED', reference, `is not a file: ${file}`, noPlugin);
  if (stats.size === 0) throw fault('OOD_PLUGIN_INVALID', reference, `is empty: ${file}`, noPlugin);
}

async function resolve(reference: PluginReference): Promise<string> {
  const { specifier, folder } = reference;
  const parentURL = pathToFileURL(path.join(folder, 'experiment.yaml'));
  const found = (await loader()).esmResolve(specifier, { parentURL, try: true });
  if (found !== undefined) return found.startsWith('file:') ? fileURLToPath(found) : found;
  throw fault('OOD_PLUGIN_FAILED', reference, 'cannot be found', await whereItMayBe(reference));
}

/** Suggests a similar file name, or a file that was written as a package. */
async function whereItMayBe({ specifier, folder }: PluginReference): Promise<string> {
  const here = shortened(path.resolve(folder, specifier));
  const advice = await adviceOnPath(specifier, folder);
  if (isFileSpecifier(specifier)) return [`There is no file ${here}.`, advice].filter(Boolean).join(' ');
  const beside = await stat(path.resolve(folder, specifier)).catch(() => undefined);
  if (beside?.isFile()) return `Did you mean the file "./${specifier}"?`;
  if (/[\\/.]/.test(specifier) && !specifier.startsWith('@') && advice !== undefined)
    return advice.replace(/^Did you mean "(?!\.)/, 'Did you mean the file "./');
  return `Install the package where ${folder} can find it; for a file, write a leading "./".`;
}

async function load(file: string, reference: PluginReference): Promise<unknown> {
  try {
    return await settled((await loader()).import(file));
  } catch (cause) {
    // Thrown in the plugin's realm: it may not be an Error, or not one of this realm.
    const { message = cause, stack } = (cause ?? {}) as Partial<Error>;
    throw fault('OOD_PLUGIN_FAILED', reference, `failed to load: ${String(message)}`, whereToLook(file, stack), cause);
  }
}

const ownManifest = createRequire(import.meta.url)('../../package.json') as { dependencies: Record<string, string> };

/** The version of the host's core: farout's packages pin each other's exact versions. */
const coreVersion = ownManifest.dependencies['@farout/core']!;

/**
 * What a plugin gets when it imports these: the host's own copies. So errors, tensors and schemas have the same
 * classes on both sides, and a local file needs nothing installed. zod's exports are the members of `z`.
 */
const hostModules: Readonly<Record<string, unknown>> = {
  '@farout/core': core,
  '@farout/tensor': tensor,
  // Not part of the contract, but a second copy would have different classes.
  '@farout/tensor/graph': graph,
  '@farout/onnx': onnx,
  '@farout/linalg': linalg,
  zod: { ...z, z, default: z },
};

let started: Promise<Jiti> | undefined;

/**
 * Compiles TypeScript and ES modules as they are imported. One loader for all plugins, so that modules they share are
 * loaded once. Only loaded if there is a plugin, since most runs have none.
 */
const loader = () => (started ??= startLoader());

async function startLoader(): Promise<Jiti> {
  const { createJiti } = await import('jiti');
  return createJiti(import.meta.url, {
    virtualModules: { ...hostModules },
    // The file cache would be in a folder that other users may write to.
    fsCache: false,
    interopDefault: false,
    sourceMaps: true,
  });
}

function whereToLook(file: string, stack: string | undefined): string {
  const line = stack?.split(`${file}:`)[1]?.match(/^\d+/)?.[0];
  return `Correct ${file}${line === undefined ? '' : `, line ${line}`}, or remove the plugin.`;
}

const packageSchema = z.object({
  name: z.string(),
  version: z.string(),
  peerDependencies: z.record(z.string(), z.string()).catch({}).default({}),
});

/** The manifest of a package. */
type PackageManifest = z.output<typeof packageSchema>;

/**
 * The nearest package.json above a file that has a name and a version. Not every folder between a module and its
 * package's root has one, and some only declare the type of their modules.
 */
async function packageManifest(file: string): Promise<PackageManifest | undefined> {
  for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const { data } = packageSchema.safeParse(await parsed(path.join(folder, 'package.json')));
    if (data) return data;
  }
  return undefined;
}

async function parsed(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A plugin declares by its peer dependency which versions of core it supports; one without a declaration is accepted. */
async function refuseOtherCore(manifest: PackageManifest | undefined, reference: PluginReference): Promise<void> {
  const range = manifest?.peerDependencies['@farout/core'];
  if (range === undefined) return;
  const { satisfies } = await import('semver');
  if (satisfies(coreVersion, range, { includePrerelease: true })) return;
  const what = `requires @farout/core ${range}, but this is @farout/core ${coreVersion}`;
  throw fault('OOD_PLUGIN_VERSION', reference, what, 'Install a compatible version of the plugin or of farout.');
}

function markedExports(exported: unknown): PluginDefinition[] {
  if (typeof exported !== 'object' || exported === null) return [];
  return [...new Set([exported, ...Object.values(exported as Record<string, unknown>)])].filter(isMarked);
}

const isMarked = (value: unknown): value is PluginDefinition =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, pluginMark);

const fileOrigin = async (specifier: string, file: string) =>
  `${specifier.replaceAll('\\', '/')} SHA-256 ${hashBytes(await readFile(file))}`;
