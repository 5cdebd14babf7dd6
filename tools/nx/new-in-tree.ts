import path from 'node:path';
import { FaroutError } from '@farout/core';
import type { Tree } from '@nx/devkit';
import { builtIns } from '../../packages/cli/src/built-ins.ts';
import { checkNewPackage } from '../../packages/cli/src/new/new-package.ts';
import { packageFiles } from '../../packages/cli/src/new/package-files.ts';

/** The options of the generator, those of `farout new`; `to` is relative to the workspace. */
export interface GeneratorOptions {
  readonly kind: string;
  readonly name: string;
  readonly to?: string;
  readonly js?: boolean;
}

/**
 * Writes the package of `farout new` into Nx's tree. Nx then writes it to disk, or only shows it in a dry run.
 *
 * @throws FaroutError OOD_BAD_COMMAND when the name is refused, or the folder already exists or is outside the workspace.
 */
export async function newInTree(tree: Tree, { kind, name, to = name, js = false }: GeneratorOptions): Promise<void> {
  const plugins = builtIns.map(({ plugin }) => plugin);
  const wanted = checkNewPackage({ kind, name, js }, plugins);
  const below = path.relative(tree.root, path.resolve(tree.root, to));
  if (below.split(path.sep)[0] === '..' || path.isAbsolute(below)) throw refused(`${to} is not in the workspace`);
  if (tree.exists(below)) throw refused(`${to} already exists`);
  for (const [file, content] of Object.entries(await packageFiles(wanted))) {
    tree.write(path.join(below, file), Buffer.from(content));
  }
}

const refused = (message: string) =>
  new FaroutError('OOD_BAD_COMMAND', message, { fix: 'Choose another folder with --to.' });
