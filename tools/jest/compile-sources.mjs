// Jest's global setup: compiles the packages' sources, and what tests start as processes of their own, once for each state
// that they are in, into tmp/compiled/<hash>. A process from there starts in half the time that it takes from the sources,
// and there are hundreds. FAROUT_COMPILED names the folder, whose `packages` has the same files with the ending .js.
import { createHash, randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from '@swc/core';

const root = fileURLToPath(new URL('../..', import.meta.url));
const compiled = path.join(root, 'tmp', 'compiled');

export default function compileSources() {
  const packages = readdirSync(path.join(root, 'packages'));
  const manifests = packages.map((name) => `packages/${name}/package.json`);
  const files = [...packages.flatMap(sourcesOf), ...manifests].map((file) => [
    file,
    readFileSync(path.join(root, file)),
  ]);
  const hash = createHash('sha256').update(readFileSync(fileURLToPath(import.meta.url)));
  for (const [file, content] of files) hash.update(`${file}\0${content.length}\0`).update(content);
  const folder = path.join(compiled, hash.digest('hex').slice(0, 16));
  process.env.FAROUT_COMPILED = folder;
  if (existsSync(folder)) return;
  removeOld();
  // Other packages' tests may do the same at this moment: each in a folder of its own, and the first to end gives the name.
  const fresh = `${folder}.${randomUUID()}`;
  for (const [file, content] of files) write(path.join(fresh, compiledName(file)), compile(file, content));
  for (const name of packages) link(name, fresh);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(fresh, { recursive: true });
  }
}

/** States of the sources that are older than a day; a younger one may be in use. */
function removeOld() {
  const day = 24 * 60 * 60 * 1000;
  for (const name of existsSync(compiled) ? readdirSync(compiled) : []) {
    const folder = path.join(compiled, name);
    const { mtimeMs } = statSync(folder, { throwIfNoEntry: false }) ?? { mtimeMs: Infinity };
    if (Date.now() - mtimeMs > day) rmSync(folder, { recursive: true, force: true });
  }
}

const partsOf = (name) => ['src', 'tests'].filter((part) => existsSync(path.join(root, 'packages', name, part)));
const sourcesOf = (name) =>
  partsOf(name).flatMap((part) =>
    readdirSync(path.join(root, 'packages', name, part), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
      .sort(),
  );

const compiledName = (file) => file.replace(/\.ts$/, '.js');

/** What lies beside a source stays as it is; a manifest gives everybody what it has for the condition of the sources. */
function compile(file, content) {
  if (/^packages.[^/\\]+.package\.json$/.test(file)) return JSON.stringify(JSON.parse(content, ofSources));
  if (!file.endsWith('.ts')) return content;
  return transformSync(content.toString(), {
    swcrc: false,
    module: { type: 'es6' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' }, rewriteRelativeImportExtensions: true },
  }).code;
}

const ofSources = (_, value) => value?.['@farout/source']?.replace(/\.ts$/, '.js') ?? value;

function write(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A package as npm links it, with what its sources find beside themselves: templates, weights, libraries. */
function link(name, fresh) {
  const source = path.join(root, 'packages', name);
  const target = path.join(fresh, 'packages', name);
  for (const entry of readdirSync(source).filter((each) => ['node_modules', 'templates', 'weights'].includes(each)))
    symlinkSync(path.join(source, entry), path.join(target, entry), 'junction');
  const scope = path.join(fresh, 'node_modules', '@farout');
  mkdirSync(scope, { recursive: true });
  if (name !== 'cli') symlinkSync(path.join('..', '..', 'packages', name), path.join(scope, name), 'junction');
}
