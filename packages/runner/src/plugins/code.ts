import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * SHA-256 of all files that make up a module: the module itself and everything it imports by relative paths,
 * transitively. Installed packages are represented by their manifests and those of their dependencies. An import
 * mentioned only in a comment counts too, which does no harm.
 */
export function codeOfModule(main: string): string {
  const files = new Set([main]);
  for (const file of files) {
    for (const specifier of importedBy(file)) {
      const found = specifier.startsWith('.')
        ? sourceAt(path.resolve(path.dirname(file), specifier))
        : manifestOf(specifier, file);
      if (found !== undefined) files.add(found);
    }
  }
  return hashFiles([...files], path.dirname(main));
}

const imports = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*['"`]([^'"`\n]+)['"`]/g;

function importedBy(file: string): string[] {
  if (path.basename(file) === 'package.json') return dependenciesIn(file);
  if (!/\.[cm]?[jt]s$/.test(file)) return [];
  return [...readFileSync(file, 'utf8').matchAll(imports)].map(([, specifier]) => specifier!);
}

function dependenciesIn(manifest: string): string[] {
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies?: object };
  return Object.keys(dependencies);
}

const endings = ['', '.ts', '.mts', '.js', '.mjs', '.cjs', '.json', '/index.ts', '/index.js', '/index.mjs'];

/**
 * The file a relative path leads to, resolved like loaders do; a TypeScript source may be imported under the name of
 * its compiled file.
 */
function sourceAt(file: string): string | undefined {
  const asWritten = endings.map((ending) => file + ending);
  const ofTypeScript = /\.[cm]?js$/.test(file) ? [file.replace(/js$/, 'ts')] : [];
  return [...asWritten, ...ofTypeScript].find((each) => statSync(each, { throwIfNoEntry: false })?.isFile());
}

/** The manifest of an installed package; undefined for Node's modules and the host's own packages. */
function manifestOf(specifier: string, file: string): string | undefined {
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0];
  if (name === undefined || name.startsWith('node:') || name.startsWith('@farout/')) return undefined;
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'node_modules', name, 'package.json');
    // A package's dependencies are resolved from its real location.
    if (existsSync(manifest)) return realpathSync(manifest);
    if (folder === path.dirname(folder)) return undefined;
  }
}

/** SHA-256 of all sources below folders. */
export const codeOfFolders = (folders: readonly string[]): string =>
  createHash('sha256')
    .update(folders.map((folder) => hashFiles(sourcesIn(folder), folder)).join())
    .digest('hex');

const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));

function hashFiles(files: readonly string[], folder: string): string {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) {
    const content = readFileSync(file);
    hash.update(`${path.relative(folder, file)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/** The folder of a module's sources, or of its compiled files. */
export const folderOf = (url: string): string => path.dirname(fileURLToPath(url));

let algebra: string | undefined;

/** SHA-256 of the host's own code that learning and scoring depend on: the tensor algebra and its use. */
export const hostCode = (): string =>
  (algebra ??= codeOfFolders([
    ...['@farout/core', '@farout/tensor', '@farout/onnx', '@farout/linalg'].map((name) =>
      folderOf(import.meta.resolve(name)),
    ),
    ...stagesOf(path.join(folderOf(import.meta.url), '..')),
  ]));

/** The stages that compute numbers from rows; all of the runner if a bundle has no separate folders. */
function stagesOf(runner: string): string[] {
  const stages = ['fit', 'score'].map((stage) => path.join(runner, stage)).filter((stage) => existsSync(stage));
  return stages.length > 0 ? stages : [runner];
}
