import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { editorSchema, loadCatalogue } from '@oodkit/runner';
import { builtIns } from '../built-ins.ts';
import { exitCodes } from '../exit-codes.ts';
import { userFolder } from '../user-folder.ts';

/** What the command line gives to `oodkit schema`. */
export interface SchemaRequest {
  readonly to: string;
}

/** `oodkit schema`: writes the JSON Schema of an experiment with the built-in parts. */
export async function schema({ to }: SchemaRequest): Promise<number> {
  const catalogue = await loadCatalogue({ builtIns, plugins: [] });
  await writeFile(path.resolve(userFolder(), to), `${JSON.stringify(editorSchema(catalogue), undefined, 2)}\n`);
  process.stdout.write(`Wrote ${to}\n`);
  return exitCodes.done;
}
