// Module hooks: resolve `@farout/*` to sources, and strip the types of .ts files.
// If tests have compiled the packages (tools/jest/compile-sources.mjs), programs outside the repository and the examples get the
// bundles: one file instead of hundreds of sources.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transform } from '@swc/core';

const root = new URL('..', import.meta.url).href;
const { FAROUT_COMPILED } = process.env;
const compiled = FAROUT_COMPILED && pathToFileURL(path.join(FAROUT_COMPILED, 'package.json')).href;

const isElsewhere = (url) => !url.startsWith(root) || url.startsWith(`${root}docs/`);

export function resolve(specifier, { parentURL, ...context }, next) {
  const isCompiled = compiled && /^(@farout\/|farout$)/.test(specifier) && isElsewhere(parentURL);
  const conditions = ['@farout/source', ...context.conditions];
  return next(specifier, { ...context, parentURL: isCompiled ? compiled : parentURL, conditions });
}

export async function load(url, context, next) {
  // A query makes a separate module of the same file.
  const { protocol, pathname } = new URL(url);
  if (protocol !== 'file:' || !pathname.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    sourceMaps: 'inline',
    module: { type: 'es6' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    swcrc: false,
  });
  return { format: 'module', source: code, shortCircuit: true };
}
