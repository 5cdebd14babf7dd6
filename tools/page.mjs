// `npm run page`: bundles the library for browsers and the page of `farout export --page`, with the WebAssembly of onnxruntime, into
// packages/web/assets. `npm run pack` and `npm start -- export … --page` do so too.
import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, root } from './ensure-installed.mjs';

const home = path.join(root, 'packages', 'web');
const assets = path.join(home, 'assets');
/** Its folder. Asked for, like rolldown, once the dependencies are installed. */
const ort = () => path.dirname(createRequire(path.join(home, 'package.json')).resolve('onnxruntime-web'));
const wasm = 'ort-wasm-simd-threaded.wasm';

/** Rewrites the assets atomically, because others may be reading them. */
export async function buildPage() {
  mkdirSync(assets, { recursive: true });
  const { files, packages } = await bundles();
  for (const name of readdirSync(path.join(home, 'static'))) copy(path.join(home, 'static', name));
  if (statSync(path.join(assets, wasm), { throwIfNoEntry: false })?.size !== statSync(path.join(ort(), wasm)).size)
    copy(path.join(ort(), wasm));
  for (const [name, text] of files) write(name, text);
  write('licences.txt', licences(packages));
}

const replace = (name, put) => {
  const temporary = path.join(assets, `.${name}.${randomUUID()}`);
  put(temporary);
  renameSync(temporary, path.join(assets, name));
};
const copy = (file) => replace(path.basename(file), (to) => copyFileSync(file, to));
const write = (name, text) => replace(name, (to) => writeFileSync(to, text));

/** Bundles `farout.js`, the library with its dependencies, and `page.js`, which imports it; returns the packages they contain. */
async function bundles() {
  const library = await bundle('farout.js', 'index.ts');
  const page = await bundle('page.js', path.join('page', 'main.ts'), {
    name: 'library-beside',
    resolveId: { filter: { id: /^\.\.[/]index\.ts$/ }, handler: () => ({ id: './farout.js', external: true }) },
  });
  return {
    files: [library, page].map(({ fileName, code }) => [fileName, code]),
    packages: packagesIn([...library.moduleIds, ...page.moduleIds]),
  };
}

/** A source of packages/web as one module for browsers. */
async function bundle(name, source, ...plugins) {
  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input: path.join(home, 'src', source),
    platform: 'browser',
    resolve: { conditionNames: ['@farout/source', 'import', 'browser', 'default'] },
    tsconfig: false,
    transform: { target: 'es2022' },
    // Imports of zod have no side effects, so its other locales and unused schemas are left out.
    treeshake: { moduleSideEffects: [{ test: /[\\/]node_modules[\\/]zod[\\/]/, sideEffects: false }] },
    plugins,
  });
  const { output } = await build.generate({ format: 'es', minify: true, entryFileNames: name });
  await build.close();
  return output.find(({ type }) => type === 'chunk');
}

const packagesIn = (modules) =>
  [...new Set(modules.flatMap((id) => /.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? []))].sort();

/** The licences of the bundled packages, as they require. */
function licences(packages) {
  const sections = [['farout', readFileSync(path.join(root, 'LICENSE'), 'utf8')], ...packages.map(licenceOf)];
  return sections.map(([name, text]) => `${name}\n${'='.repeat(name.length)}\n\n${text.trim()}\n`).join('\n\n');
}

/** Licences of packages that have none among their files. */
const besides = { 'onnxruntime-web': path.join(root, 'tools', 'pack', 'onnxruntime', 'LICENSE') };

function licenceOf(folder) {
  const { name, version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  return [`${name} ${version}`, readFileSync(file ? path.join(folder, file) : besides[name], 'utf8')];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled();
  await buildPage();
}
