import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformFileSync } from '@swc/core';

const packages = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * Compiles this package and those that it imports into a folder, and the script beside this file; the script's path there. For
 * a process whose memory is measured: the loader that compiles while it runs takes 130 MB itself.
 */
export function compile(script: string, folder: string): string {
  for (const name of ['tensor', 'core', 'archives', 'checkpoints']) {
    const target = join(folder, 'node_modules', '@farout', name);
    compileFolder(join(packages, name, 'src'), target);
    writeFileSync(join(target, 'package.json'), JSON.stringify({ type: 'module', exports: './index.js' }));
    linkDependencies(name, join(target, 'node_modules'));
  }
  const compiled = join(folder, script.replace(/ts$/, 'mjs'));
  writeFileSync(compiled, code(fileURLToPath(new URL(script, import.meta.url))));
  return compiled;
}

/** Libraries where they are installed; of packages of ours, none is needed but those that are compiled. */
function linkDependencies(name: string, target: string): void {
  const manifest = join(packages, name, 'package.json');
  const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies?: Record<string, string> };
  for (const library of Object.keys(dependencies).filter((each) => !each.startsWith('@farout/'))) {
    const place = createRequire(manifest)
      .resolve.paths(library)!
      .map((folder) => join(folder, library))
      .find(existsSync)!;
    mkdirSync(dirname(join(target, library)), { recursive: true });
    symlinkSync(place, join(target, library));
  }
}

function compileFolder(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) compileFolder(from, to);
    else if (from.endsWith('.ts')) writeFileSync(to.replace(/ts$/, 'js'), code(from));
  }
}

/** Imports of .ts become imports of .js; @swc/types does not know the option yet. */
const renamedImports: object = { rewriteRelativeImportExtensions: true };

const code = (file: string): string =>
  transformFileSync(file, {
    swcrc: false,
    module: { type: 'es6' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' }, ...renamedImports },
  }).code;
