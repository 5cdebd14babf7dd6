import { readFile, stat } from 'node:fs/promises';
import { FaroutError } from '@farout/core';

/** An experiment has a few hundred lines at most; what is far longer is another file. */
const longest = 2 ** 20;

/**
 * A file of the user's as text, without a byte order mark.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_CONFIG_SYNTAX when it is longer than 1 MiB or no UTF-8.
 */
export async function readTextFile(file: string): Promise<string> {
  const bytes = await read(file);
  if (bytes.length > longest) throw noExperiment(file, 'is longer than 1 MiB');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw noExperiment(file, 'is no text in UTF-8');
  }
}

async function read(file: string): Promise<Uint8Array> {
  try {
    const stats = await stat(file);
    if (!stats.isFile()) throw notThere(`${file} is not a file`);
    if (stats.size > longest) throw noExperiment(file, 'is longer than 1 MiB');
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof FaroutError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const message = code === 'ENOENT' ? `there is no file ${file}` : `${file} cannot be read (${String(code)})`;
    throw notThere(message, cause);
  }
}

const notThere = (message: string, cause?: unknown) =>
  new FaroutError('OOD_MISSING_FILE', message, { fix: 'Name the YAML file of an experiment.', cause });

const noExperiment = (file: string, what: string) =>
  new FaroutError('OOD_CONFIG_SYNTAX', `${file} ${what}`, { fix: 'Name the YAML file of an experiment.' });
