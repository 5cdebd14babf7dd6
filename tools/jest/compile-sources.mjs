// Bundles the packages' sources, and the programs that tests start as processes, into tmp/compiled/<hash>, once per state of the
// sources. A process starts from there in a third of the time it takes from sources, and tests start hundreds. FAROUT_COMPILED
// names the folder: its `packages` contains the exports of each package and the started programs, named like their source but with
// the extension .js. Packages import each other as in an installation.
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
  // Tests of other packages may do the same concurrently: each in its own folder, and the first to finish renames it.
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

/** Everything that affects a bundle: the sources, this file, and the libraries. */
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

/** Files next to sources are copied unchanged; in manifests, targets of the source condition apply to every condition. */
function besides(file, content) {
  if (/^packages.[^/\\]+.package\.json$/.test(file)) return JSON.stringify(JSON.parse(content, ofSources));
  return content;
}

const ofSources = (_, value) => value?.['@farout/source']?.replace(/\.ts$/, '.js') ?? value;

function write(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** Libraries with many files, which are bundled. All others are imported from node_modules. */
const bundled = /^(zod|yaml|yargs|@bufbuild\/protobuf|semver|yauzl|vega|vega-lite)(\/|$)/;

const isExternal = (imported, importer) =>
  importer !== undefined &&
  !/^[./]/.test(imported) &&
  !path.isAbsolute(imported) &&
  !importer.includes(`${path.sep}node_modules${path.sep}`) &&
  !bundled.test(imported);

/** The bundles of a package. Code common to several entries goes to shared files, so nothing is duplicated. */
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

/** The entry points: the exports, the command, files that sources start by URL, and files that tests start. */
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

/** Resolves import.meta.url to the source location, whichever bundle a module ends up in. */
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

/** Links a package like npm, with the files its sources expect next to them: templates, weights, manifests, a page, libraries. */
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
