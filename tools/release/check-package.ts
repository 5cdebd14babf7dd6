import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Release } from '../pack/stage-package.ts';

/** An unpacked package archive, and its problems. */
export interface CheckedPackage {
  readonly name: string;
  readonly version: string;
  readonly files: number;
  /** The total size of all files in bytes. */
  readonly bytes: number;
  /** One sentence per problem; empty if it can be published. */
  readonly faults: readonly string[];
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly repository?: { readonly url?: string; readonly directory?: string };
  readonly publishConfig?: { readonly access?: string; readonly provenance?: boolean };
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
  readonly imports?: unknown;
  readonly bin?: unknown;
  readonly main?: string;
  readonly types?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Twice the size of the largest package now; does not apply to onnxruntime's binaries and its WebAssembly. */
const mostBytes = 2 * 2 ** 20;
/** onnxruntime for browsers, which @farout/web carries for its page: 14 MB. */
const webAssembly = 'assets/ort-wasm-simd-threaded.wasm';
/** onnxruntime, which is published under our name, keeps its own version. */
const binaries = '@farout/onnxruntime';

/**
 * Checks an unpacked archive: that it has exactly the expected files, runs no script on installation, and has the data npm needs for provenance.
 */
export function checkPackage(folder: string, release: Release): CheckedPackage {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as Manifest;
  const files = filesIn(folder);
  const sizeOf = (all: readonly string[]) => all.reduce((sum, file) => sum + statSync(path.join(folder, file)).size, 0);
  const [bytes, own] = [sizeOf(files), sizeOf(files.filter((file) => file !== webAssembly))];
  const isBinaries = manifest.name === binaries;
  const faults = [
    ...filesThatLack(folder, manifest),
    ...(isBinaries ? [] : filesTooMany(files)),
    ...scriptsOf(manifest, files),
    ...(isBinaries ? [] : versionFaults(manifest, release)),
    ...provenanceFaults(manifest, release),
    ...(!isBinaries && own > mostBytes ? [`it holds ${own} bytes; ${mostBytes} are allowed`] : []),
  ];
  return { name: manifest.name, version: manifest.version, files: files.length, bytes, faults };
}

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll('\\', '/'));

/** Every file referenced by the manifest, and those that every package has. */
function filesThatLack(folder: string, { exports, imports, bin, main, types }: Manifest): string[] {
  const named = [exports, imports, bin, main, types].flatMap(pathsIn);
  return ['README.md', 'LICENSE', ...named]
    .filter((file) => !existsSync(path.join(folder, file)))
    .map((file) => `${file} is missing`);
}

/** The files referenced by a member of a manifest, under any condition. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^(\.\/|dist\/)/.test(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}

/** Files only for development, or that may contain secrets. */
const foreign =
  /(^|\/)(tests?|src|assembly|node_modules)\/|\.(test|spec)\.|\.tsbuildinfo$|\.map$|(^|\/)(\.env|\.npmrc)|\.log$/;

/** Templates are sources of generated packages. */
const filesTooMany = (files: readonly string[]): string[] =>
  files
    .filter((file) => !file.startsWith('templates/') && foreign.test(file))
    .map((file) => `${file} does not belong into it`);

const atInstall = ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare'];

/** npm compiles a package with binding.gyp automatically. */
const scriptsOf = ({ scripts = {} }: Manifest, files: readonly string[]): string[] => [
  ...atInstall.filter((name) => name in scripts).map((name) => `it has a script "${name}"`),
  ...(files.includes('binding.gyp') ? ['binding.gyp makes npm compile it'] : []),
];

function versionFaults({ version, license, dependencies = {} }: Manifest, release: Release): string[] {
  const others = Object.entries(dependencies).filter(
    ([name, range]) => name.startsWith('@farout/') && name !== binaries && range !== release.version,
  );
  return [
    ...(version === release.version ? [] : [`its version is ${version}, not ${release.version}`]),
    ...(license === 'Apache-2.0' ? [] : [`its licence is ${license ?? 'not said'}`]),
    ...others.map(([name, range]) => `it needs ${name} ${range}, not ${release.version}`),
  ];
}

/** Without a repository address, npm cannot give provenance; this blocks publishing. */
function provenanceFaults({ repository, publishConfig }: Manifest, release: Release): string[] {
  const isReady = publishConfig?.access === 'public' && publishConfig.provenance === true;
  const isSaid = release.repository === undefined || repository?.url === release.repository;
  return [
    ...(isReady ? [] : ['publishConfig does not ask for public access and provenance']),
    ...(isSaid ? [] : [`its repository is ${repository?.url ?? 'not said'}, not ${release.repository}`]),
  ];
}
