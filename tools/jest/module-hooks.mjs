// Packages other than the tested one resolve to their bundles (compile-sources.mjs): one file instead of hundreds. The tested package
// resolves to its sources, for all importers. `@jest/globals` resolves to what the runner puts into globalThis.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { load, resolve as resolveSource } from '../ts-hooks.mjs';

export { load };

const globals = new URL('globals.mjs', import.meta.url).href;
const { FAROUT_COMPILED: compiled, FAROUT_TESTED: tested } = process.env;
const bundles = pathToFileURL(path.join(compiled, 'package.json')).href;

/** Also resolved to sources: runtime starts the processes of runner and serve, and only its source can start sources. */
const besides = { runner: ['runtime'], serve: ['runtime'] };

export function resolve(specifier, context, next) {
  if (specifier === '@jest/globals') return { url: globals, shortCircuit: true };
  const [, name] = /^@farout\/([\w-]+)/.exec(specifier) ?? [];
  const isBundle = name !== undefined && name !== tested && !besides[tested]?.includes(name);
  return isBundle ? next(specifier, { ...context, parentURL: bundles }) : resolveSource(specifier, context, next);
}
