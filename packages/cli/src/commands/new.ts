import path from 'node:path';
import { printable } from '@farout/core';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../command.ts';
import { clone, npmOfClone, word } from '../invocation.ts';
import { checkNewPackage } from '../new/new-package.ts';
import { packageFiles, writeFolder } from '../new/package-files.ts';
import { userPath } from '../option-values.ts';

/** Arguments of `farout new`. */
interface NewRequest {
  readonly kind: string;
  readonly name: string;
  readonly js: boolean;
  readonly to?: string | undefined;
}

/**
 * `farout new`: writes a package with a working part, its tests and an experiment, and prints what to do with it.
 *
 * @throws FaroutError OOD_BAD_COMMAND, OOD_MISSING_FILE: see `checkNewPackage` and `writeFolder`.
 */
export async function newPackage({ to, ...request }: NewRequest): Promise<number> {
  const wanted = checkNewPackage(
    request,
    builtIns.map(({ plugin }) => plugin),
  );
  const folder = to ?? wanted.name;
  await writeFolder(userPath('to', folder), folder, await packageFiles(wanted));
  process.stdout.write(`Wrote ${printable(folder)}. Next:

${nextSteps(printable(folder)).join('\n')}

README.md says how to use it elsewhere and how to publish it.
`);
  return exitCodes.done;
}

/** Commands that work for the user's setup: with a clone, farout's packages come from the clone, not from a registry. */
function nextSteps(folder: string): string[] {
  const archives = 'farout-archives';
  const packed = `${path.relative(folder, archives)}/*.tgz`;
  return [
    ...(clone === undefined ? [] : [`  ${npmOfClone} run pack -- ${archives}`]),
    `  cd ${word(folder)}`,
    clone === undefined ? '  npm install' : `  npm install --no-save ${packed}`,
    '  npm test',
    '  npx farout run experiment.yaml   compares it with energy and ReAct',
  ];
}
