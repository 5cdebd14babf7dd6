import { readFile } from 'node:fs/promises';
import { decodeText, FaroutError, filePath, z } from '@farout/core';
import { imagenet1k } from './imagenet-1k.ts';
import { imagenet200 } from './imagenet-200.ts';
import { listed, some } from './name-lists.ts';

/** All classes of a network, in its numbering. */
export interface ClassList {
  /** What folders of images are called, each by its class. */
  readonly keys: readonly string[];
  /** What the classes are called, where it is otherwise. */
  readonly names: readonly string[];
}

/** The lists that are known by a name. */
const known = { 'imagenet-1k': imagenet1k, 'imagenet-200': imagenet200 } as const;
type Known = keyof typeof known;

/** The parameter that says which folder is which class. */
export const classesParameter = () =>
  z
    .union([z.literal(Object.keys(known)), z.array(z.string().min(1)).min(2), filePath()])
    .optional()
    .describe(
      "all classes of the network in its numbering, so that folders may be of some of them: imagenet-1k or imagenet-200 (folders are WordNet ids), the folders' names, or a text file with one name a line",
    );

/** The parameter that says what becomes of folders that the list of classes does not name. */
export const othersParameter = () =>
  z
    .enum(['refuse', 'leave-out'])
    .default('refuse')
    .describe('what becomes of images that are in no class of "classes": an error, or left out with a note');

/**
 * The list that a parameter means. In a file each line is the name of a folder, and behind a tab what its class is called, if otherwise.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a file cannot be read or is no UTF-8, or a name is there twice.
 */
export async function readClassList(given: readonly string[] | string): Promise<ClassList> {
  if (typeof given === 'string' && Object.hasOwn(known, given)) return known[given as Known];
  const pairs = typeof given === 'string' ? await linesOf(given) : given.map((name) => [name, name] as const);
  const [keys, names] = [pairs.map(([key]) => key), pairs.map(([, name]) => name)];
  const twice = keys.filter((key, index) => keys.indexOf(key) < index);
  const where = typeof given === 'string' ? given : '"classes"';
  if (twice.length > 0) throw invalid(`${where} has ${some(twice, 'name')} more than once: ${listed(twice)}`);
  if (keys.length < 2) throw invalid(`${where} names ${some(keys, 'class', 'classes')}, but at least two are needed`);
  return { keys, names };
}

const invalid = (message: string, cause?: unknown) =>
  new FaroutError('OOD_DATASET_INVALID', message, {
    fix: "Name each class once, in the order of the network's classes.",
    cause,
  });

async function linesOf(path: string): Promise<(readonly [key: string, name: string])[]> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw invalid(`the list of classes ${path} cannot be read`, cause);
  });
  const decoded = decodeText(bytes);
  if (!('text' in decoded))
    throw new FaroutError('OOD_DATASET_INVALID', `the list of classes ${path} ${decoded.fault}`, { fix: decoded.fix });
  const lines = decoded.text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.map((line) => {
    const [key = '', name = key] = line.split('\t').map((field) => field.trim());
    return [key, name === '' ? key : name];
  });
}
