import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** A manifest, or an entry of package-lock.json. */
type Manifest = Record<string, unknown> & { version?: string };

const needs = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

/**
 * Sets the version of all packages of the repository, and updates their dependencies on each other, the example plugins, package-lock.json,
 * CITATION.cff, and the versions shown in documents.
 *
 * @param date the release date, such as 2027-01-31
 */
export function setVersion(root: string, version: string, date: string): void {
  const at = (...steps: string[]) => path.join(root, ...steps);
  const { version: old } = readJson(at('package.json')) as { version: string };
  const move = (manifest: Manifest) => moveNeeds(manifest, old, version);
  for (const folder of ['.', ...foldersIn(root, 'packages')])
    editJson(at(folder, 'package.json'), (manifest) => ({ ...move(manifest), version }));
  for (const folder of foldersIn(root, 'docs/examples')) editJson(at(folder, 'package.json'), move);
  editJson(at('package-lock.json'), (lock) => moveLock(lock, old, version));
  edit(at('CITATION.cff'), (text) =>
    text.replace(/^version: .*$/m, `version: ${version}`).replace(/^date-released: .*$/m, `date-released: ${date}`),
  );
  const documents = readdirSync(at('docs')).filter((file) => file.endsWith('.md'));
  for (const file of ['README.md', ...documents.map((name) => `docs/${name}`)])
    edit(at(file), (text) => moveShown(text, old, version));
}

/** The folders below one that have a package.json. */
const foldersIn = (root: string, below: string): string[] =>
  readdirSync(path.join(root, below))
    .map((name) => `${below}/${name}`)
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')));

const isOurs = (name: string) => name === 'farout' || name.startsWith('@farout/');

/** Dependencies on the old version of our packages get the new version; any other range is intentional and kept. */
function moveNeeds(manifest: Manifest, old: string, version: string): Manifest {
  const moved = (ranges: object) =>
    Object.fromEntries(
      Object.entries(ranges as Record<string, string>).map(([name, range]) => [
        name,
        isOurs(name) && [old, `^${old}`].includes(range) ? range.replace(old, version) : range,
      ]),
    );
  const entries = Object.entries(manifest);
  return Object.fromEntries(entries.map(([key, value]) => [key, needs.includes(key) ? moved(value as object) : value]));
}

/** The lock has an entry for the root, and one for each package by its folder. */
function moveLock(lock: Manifest, old: string, version: string): Manifest {
  const packages = Object.entries(lock.packages as Record<string, Manifest>);
  const moved = packages.map(([place, entry]) => {
    const isOfWorkspace = place === '' || (place.startsWith('packages/') && !place.includes('node_modules'));
    return [place, isOfWorkspace ? { ...moveNeeds(entry, old, version), version } : entry] as const;
  });
  return { ...lock, version, packages: Object.fromEntries(moved) };
}

/** Documents show version ranges for plugins, and archive names. */
const moveShown = (text: string, old: string, version: string) =>
  text
    .replaceAll(new RegExp(`("(?:@farout/\\w+|farout)": "\\^)${escaped(old)}"`, 'g'), `$1${version}"`)
    .replaceAll(new RegExp(`(\\bfarout(?:-\\w+)?-)${escaped(old)}\\.tgz`, 'g'), `$1${version}.tgz`);

const escaped = (text: string) => text.replaceAll('.', '\\.');

const readJson = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Manifest;
const editJson = (file: string, change: (content: Manifest) => Manifest) =>
  edit(file, (text) => `${JSON.stringify(change(JSON.parse(text) as Manifest), undefined, 2)}\n`);

function edit(file: string, change: (text: string) => string): void {
  const text = readFileSync(file, 'utf8');
  const changed = change(text);
  if (changed !== text) writeFileSync(file, changed);
}
