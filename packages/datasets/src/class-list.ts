import { readFile } from 'node:fs/promises';
import { decodeText, FaroutError, filePath, z } from '@farout/core';
import { imagenet1k } from './imagenet-1k.ts';
import { imagenet200 } from './imagenet-200.ts';
import { listed, some } from './name-lists.ts';

/** All classes of a network, in the order of its outputs. */
export interface ClassList {
  /** The folder name of each class. */
  readonly keys: readonly string[];
  /** The name of each class, if it differs from the folder name. */
  readonly names: readonly string[];
}

/** The built-in lists, by name. */
const known = { 'imagenet-1k': imagenet1k, 'imagenet-200': imagenet200 } as const;
type Known = keyof typeof known;

/** The parameter that maps folders to classes. */
export const classesParameter = () =>
  z
    .union([z.literal(Object.keys(known)), z.array(z.string().min(1)).min(2), filePath()])
    .optional()
    .describe(
      'all classes of the network in the order of its outputs; folders may cover only some of them: imagenet-1k or imagenet-200 (folders are WordNet ids), the folder names, or a text file with one name per line',
    );

/** The parameter that decides what to do with folders missing from the list of classes. */
export const othersParameter = () =>
  z
    .enum(['refuse', 'leave-out'])
    .default('refuse')
    .describe('what to do with images outside all classes of "classes": fail, or leave them out with a note');

/**
 * Resolves the class list of a parameter. In a file, each line is a folder name, optionally followed by a tab and the class name.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a file cannot be read or is not UTF-8, or a name is duplicate.
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
