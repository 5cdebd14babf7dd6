import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { decodeText, FaroutError } from '@farout/core';
import { adviceOnPath, shortened } from '../path-advice.ts';

/** An experiment has a few hundred lines at most; what is far longer is another file. */
const longest = 2 ** 20;

/**
 * A file of the user's as text, without a byte order mark. `written` is how the user wrote its path, relative to `folder`.
 *
 * @throws FaroutError OOD_MISSING_FILE, or OOD_CONFIG_SYNTAX when it is longer than 1 MiB or no UTF-8.
 */
export async function readTextFile(
  file: string,
  { written = file, folder = path.dirname(file) } = {},
): Promise<string> {
  const bytes = await read(file, written, folder);
  if (bytes.length > longest) throw noExperiment(file, 'is longer than 1 MiB');
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  throw noExperiment(file, decoded.fault, decoded.fix);
}

async function read(file: string, written: string, folder: string): Promise<Uint8Array> {
  try {
    const stats = await stat(file);
    if (stats.isDirectory()) throw notThere(`${file} is not a file but a folder`, await filesIn(file));
    if (!stats.isFile()) throw notThere(`${file} is not a file`);
    if (stats.size > longest) throw noExperiment(file, 'is longer than 1 MiB');
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof FaroutError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    const shown = shortened(file);
    const message = code === 'ENOENT' ? `there is no file ${shown}` : `${shown} cannot be read (${String(code)})`;
    throw notThere(message, await adviceOnPath(written, folder), cause);
  }
}

/** What a folder is in place of: a run of an experiment, or where experiments lie. */
async function filesIn(folder: string): Promise<string | undefined> {
  if (await isFile(path.join(folder, 'results.json')))
    return 'It is a run: "farout report" makes its report again. Name the YAML file of an experiment to run.';
  const names = await experimentsIn(folder);
  return names.length > 0 ? `Name one of its files: ${names.slice(0, 5).join(', ')}.` : undefined;
}

/** The YAML files of a folder that look like experiments, by name. */
export async function experimentsIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder).catch((): string[] => [])).filter((name) => /\.ya?ml$/.test(name)).sort();
  const looks = await Promise.all(names.slice(0, 100).map((name) => looksLikeOne(path.join(folder, name))));
  return names.filter((_, at) => looks[at]);
}

async function looksLikeOne(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  if (!stats?.isFile() || stats.size > longest) return false;
  return /^(backbone|detectors|extends)\s*:/m.test(await readFile(file, 'utf8').catch(() => ''));
}

const isFile = (file: string) =>
  stat(file).then(
    (stats) => stats.isFile(),
    () => false,
  );

const nameIt = 'Name the YAML file of an experiment.';

const notThere = (message: string, fix = nameIt, cause?: unknown) =>
  new FaroutError('OOD_MISSING_FILE', message, { fix, cause });

const noExperiment = (file: string, what: string, fix = nameIt) =>
  new FaroutError('OOD_CONFIG_SYNTAX', `${file} ${what}`, { fix });
