import { stat } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, printable } from '@farout/core';
import { adviceOnPath } from '@farout/runner';
import { exitCodes } from '../exit-codes.ts';
import { firstExperiment } from '../first-experiment.ts';
import { writeNew } from '../write-new.ts';
import { invocation } from '../invocation.ts';
import { userFolder } from '../user-folder.ts';
import { userPath } from '../user-path.ts';

/** What the command line gives to `farout init`. */
export interface InitRequest {
  readonly images: string;
  readonly ood: string[];
  readonly weights?: string | undefined;
  readonly to: string;
}

/**
 * `farout init`: writes an experiment for the user's folders and says what to do with it.
 *
 * @throws FaroutError OOD_MISSING_FILE when a folder or the classifier is not there, OOD_BAD_COMMAND when the file is there
 *   already.
 */
export async function init({ images, ood, weights, to }: InitRequest): Promise<number> {
  const cwd = userFolder();
  const file = userPath('to', to);
  const beside = (given: string) => path.relative(path.dirname(file), path.resolve(cwd, given)) || '.';
  for (const folder of [images, ...ood]) await mustBe('folder', folder, path.resolve(cwd, folder));
  if (weights !== undefined) await mustBe('file', weights, path.resolve(cwd, weights));
  const text = firstExperiment({
    name: path.basename(file).replace(/\.ya?ml$/, ''),
    images: beside(images),
    ood: ood.map(beside),
    weights: weights === undefined ? undefined : beside(weights),
  });
  await writeNew(file, to, text);
  const shown = printable(to);
  process.stdout.write(
    `Wrote ${shown}. Next:\n\n  ${invocation} check ${shown}   finds every mistake, reads at most two images of each set\n  ${invocation} run ${shown}\n`,
  );
  return exitCodes.done;
}

async function mustBe(kind: 'file' | 'folder', given: string, absolute: string): Promise<void> {
  const stats = await stat(absolute).catch(() => undefined);
  if (kind === 'folder' ? stats?.isDirectory() : stats?.isFile()) return;
  const fix = (await adviceOnPath(given, userFolder())) ?? `Name a ${kind} that exists.`;
  throw new FaroutError('OOD_MISSING_FILE', `there is no ${kind} ${given}`, { fix });
}
