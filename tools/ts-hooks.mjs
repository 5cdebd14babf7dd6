// Module hooks: `@farout/*` resolves to sources, and a .ts file loses its types before it runs.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

export const resolve = (specifier, context, next) =>
  next(specifier, { ...context, conditions: ['@farout/source', ...context.conditions] });

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
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
