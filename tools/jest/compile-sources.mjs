// Bundles the packages' sources, and what tests start as processes of their own, once for each state
// that they are in, into tmp/compiled/<hash>. A process from there starts in a third of the time that it takes from the
// sources, and there are hundreds. FAROUT_COMPILED names the folder: its `packages` has what a package exports and what is
// started under the name of its source, with the ending .js; packages import each other as they do where they are installed.
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
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { buildPage } from '../page.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const compiled = path.join(root, 'tmp', 'compiled');
const pageAssets = path.join(root, 'packages', 'web', 'assets', 'page.js');

/** The folder of the bundles. */
export async function compileSources() {
  const packages = readdirSync(path.join(root, 'packages'));
  const manifests = packages.map((name) => `packages/${name}/package.json`);
  const files = [...packages.flatMap(sourcesOf), ...manifests].map((file) => [
    file,
    readFileSync(path.join(root, file)),
  ]);
  const folder = path.join(compiled, hashOf(files));
  if (!existsSync(pageAssets)) await buildPage();
  if (existsSync(folder)) return folder;
  removeOld();
  // Other packages' tests may do the same at this moment: each in a folder of its own, and the first to end gives the name.
  const fresh = `${folder}.${randomUUID()}`;
  for (const [file, content] of files) if (!file.endsWith('.ts')) write(path.join(fresh, file), besides(file, content));
  await Promise.all(packages.map((name) => bundle(name, files, { fresh, folder })));
  for (const name of packages) link(name, fresh);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(fresh, { recursive: true });
  }
  return folder;
}

/** What a bundle is made of: the sources, this file, and the libraries. */
function hashOf(files) {
  const hash = createHash('sha256').update(root);
  for (const file of [fileURLToPath(import.meta.url), path.join(root, 'package-lock.json')])
    hash.update(readFileSync(file));
  for (const [file, content] of files) hash.update(`${file}\0${content.length}\0`).update(content);
  return hash.digest('hex').slice(0, 16);
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

/** What lies beside a source stays as it is; a manifest gives everybody what it has for the condition of the sources. */
function besides(file, content) {
  if (/^packages.[^/\\]+.package\.json$/.test(file)) return JSON.stringify(JSON.parse(content, ofSources));
  return content;
}

const ofSources = (_, value) => value?.['@farout/source']?.replace(/\.ts$/, '.js') ?? value;

function write(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Libraries of many files. All others are imported from where they are installed. */
const bundled = /^(zod|yaml|yargs|@bufbuild\/protobuf|semver|yauzl|vega|vega-lite)(\/|$)/;

const isExternal = (imported, importer) =>
  importer !== undefined &&
  !/^[./]/.test(imported) &&
  !path.isAbsolute(imported) &&
  !importer.includes(`${path.sep}node_modules${path.sep}`) &&
  !bundled.test(imported);

/** A package's bundles: what its files have in common stands in files that they share, so that nothing is there twice. */
async function bundle(name, files, { fresh, folder }) {
  const home = path.join(root, 'packages', name);
  const own = files.filter(([file]) => file.startsWith(path.join('packages', name, path.sep)));
  const input = Object.fromEntries(
    entriesOf(home, own).map((file) => [file.replace(/\.ts$/, ''), path.join(home, file)]),
  );
  const build = await rolldown({
    input,
    platform: 'node',
    external: isExternal,
    tsconfig: false,
    transform: { target: 'es2022' },
    preserveEntrySignatures: 'strict',
    plugins: [keepPlaces(folder)],
  });
  await build.write({
    dir: path.join(fresh, 'packages', name),
    chunkFileNames: 'src/shared-[hash].js',
  });
  await build.close();
}

/** What is imported, or started, from outside: the exports, the command, what sources start by its URL, what tests start. */
function entriesOf(home, files) {
  const { exports, bin = {} } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'));
  const entries = Object.values(exports).map((each) => path.normalize(each['@farout/source']));
  for (const built of Object.values(bin)) entries.push(path.normalize(built.replace(/dist(.*)\.js$/, 'src$1.ts')));
  for (const [file, content] of files.filter(([name]) => name.endsWith('.ts'))) {
    const within = path.relative(home, path.join(root, file));
    if (within.startsWith('tests')) entries.push(within);
    for (const [, started] of content.toString().matchAll(/import\.meta\.url\.endsWith\('\.ts'\) \? '(.+?)'/g))
      entries.push(path.join(path.dirname(within), started));
  }
  return [...new Set(entries)];
}

/** A module finds what lies beside it where its source has it, in whichever file it has come to stand. */
const keepPlaces = (folder) => ({
  name: 'keep-places',
  transform: {
    filter: { code: /import\.meta\.(url|dirname)\b/ },
    handler(code, id) {
      const within = path.relative(root, id);
      const place =
        within.startsWith('packages') && !within.includes('node_modules')
          ? path.join(folder, within.replace(/\.ts$/, '.js'))
          : id;
      return code
        .replace(/import\.meta\.url\b/g, JSON.stringify(pathToFileURL(place).href))
        .replace(/import\.meta\.dirname\b/g, JSON.stringify(path.dirname(place)));
    },
  },
});

const besideSources = ['node_modules', 'templates', 'weights', 'models', 'assets'];

/** A package as npm links it, with what its sources find beside themselves: templates, weights, manifests, a page, libraries. */
function link(name, fresh) {
  const source = path.join(root, 'packages', name);
  const target = path.join(fresh, 'packages', name);
  for (const entry of readdirSync(source).filter((each) => besideSources.includes(each)))
    symlinkSync(path.join(source, entry), path.join(target, entry), 'junction');
  const modules = path.join(fresh, 'node_modules');
  mkdirSync(path.join(modules, '@farout'), { recursive: true });
  const place = path.join(modules, name === 'cli' ? 'farout' : path.join('@farout', name));
  symlinkSync(path.relative(path.dirname(place), target), place, 'junction');
}
