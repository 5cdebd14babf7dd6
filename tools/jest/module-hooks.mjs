// Packages other than the one that is tested come from their bundles (compile-sources.mjs): a bundle is a file where the sources are
// hundreds. The package itself is its sources, for whoever imports it. `@jest/globals` is what the runner puts into globalThis.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { load, resolve as resolveSource } from '../ts-hooks.mjs';

export { load };

const globals = new URL('globals.mjs', import.meta.url).href;
const { FAROUT_COMPILED: compiled, FAROUT_TESTED: tested } = process.env;
const bundles = pathToFileURL(path.join(compiled, 'package.json')).href;

/** What is its sources as well: runtime starts runner's and serve's processes, and only its source knows how a source is started. */
const besides = { runner: ['runtime'], serve: ['runtime'] };

export function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: globals, shortCircuit: true };
  const [, name] = /^@farout\/([\w-]+)/.exec(specifier) ?? [];
  const isBundle = name !== undefined && name !== tested && !besides[tested]?.includes(name);
  return isBundle ? next(specifier, { ...context, parentURL: bundles }) : resolveSource(specifier, context, next);
}
