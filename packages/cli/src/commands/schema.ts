import { createHash } from 'node:crypto';
import { printable } from '@farout/core';
import { editorSchema } from '@farout/runner';
import { exitCodes } from '../command.ts';
import { userPath } from '../option-values.ts';
import { catalogueWith } from '../parts.ts';
import { writeOwn } from '../write-new.ts';

/** Arguments of `farout schema`. */
interface SchemaRequest {
  readonly to: string;
  readonly plugin: readonly string[];
}

/**
 * `farout schema`: writes the JSON Schema of an experiment, with the built-in parts and those of the named plugins.
 * Replaces only a schema that it wrote itself and that has not been changed since.
 */
export async function schema({ to, plugin }: SchemaRequest): Promise<number> {
  const catalogue = await catalogueWith(plugin);
  const text = `${JSON.stringify(sealed(editorSchema(catalogue)), undefined, 2)}\n`;
  await writeOwn(userPath('to', to), to, text, isSealed);
  process.stdout.write(`Wrote ${printable(to)}\n`);
  return exitCodes.done;
}

const comment = (schema: object) =>
  `Written by farout schema. SHA-256 ${createHash('sha256').update(JSON.stringify(schema)).digest('hex')}`;

const sealed = (schema: object) => ({ ...schema, $comment: comment(schema) });

function isSealed(text: string): boolean {
  try {
    const { $comment, ...schema } = JSON.parse(text) as Record<string, unknown>;
    return $comment === comment(schema);
  } catch {
    return false;
  }
}
