import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FaroutError, printable } from '@farout/core';
import { editorSchema } from '@farout/runner';
import { catalogueWith } from '../catalogue.ts';
import { exitCodes } from '../exit-codes.ts';
import { userFolder } from '../user-folder.ts';

/** What the command line gives to `farout schema`. */
export interface SchemaRequest {
  readonly to: string;
  readonly plugin: readonly string[];
}

/** `farout schema`: writes the JSON Schema of an experiment with the built-in parts and those of the plugins named. */
export async function schema({ to, plugin }: SchemaRequest): Promise<number> {
  const catalogue = await catalogueWith(plugin);
  const text = `${JSON.stringify(editorSchema(catalogue), undefined, 2)}\n`;
  await writeFile(path.resolve(userFolder(), to), text).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    const fix = 'Name another file with --to.';
    throw new FaroutError('OOD_MISSING_FILE', `${to} cannot be written (${String(code)})`, { fix, cause });
  });
  process.stdout.write(`Wrote ${printable(to)}\n`);
  return exitCodes.done;
}
