import { extname } from 'node:path';
import { didYouMean, FaroutError, z } from '@farout/core';
import type { ClassList } from './class-list.ts';
import { listed, some, sortByBytes } from './name-lists.ts';

/** The parameter that decides whether folders are classes. */
export const labelsParameter = () =>
  z
    .enum(['none', 'folders', 'numbers'])
    .default('none')
    .describe(
      'whether the folders directly below the root are classes (always so with "classes"); numbers: each folder name is its class number',
    );

/** How to read folders as classes. */
export interface FolderOptions {
  readonly labels: 'none' | 'folders' | 'numbers';
  /** All classes of the network. */
  readonly list: ClassList | undefined;
  readonly others: 'refuse' | 'leave-out';
}

/** The contents of a root whose folders are classes. Paths are relative to it. */
export interface ClassFolders {
  /** The root as error messages name it. */
  readonly root: string;
  readonly folders: readonly string[];
  readonly images: readonly string[];
  /** Files that are not images. */
  readonly others: readonly string[];
}

/** The classes of images by their folders. */
export interface FolderClasses {
  /** The class of an image; undefined directly in the root. */
  readonly labelOf: (id: string) => number | undefined;
  /** The images in the same order, without those left out. */
  readonly images: readonly string[];
  /** The names of all classes; undefined if there is neither a folder nor a list. */
  readonly names: readonly string[] | undefined;
  readonly notes: readonly string[];
}

/** The first folder of a path; '' directly in the root. */
export const topFolder = (name: string): string => name.slice(0, Math.max(0, name.indexOf('/')));

/**
 * The class of each folder: its index among all folders in byte order, as in torchvision's ImageFolder; with a list, its index there; or
 * the number in its name. Undefined if folders are not classes.
 *
 * @throws FaroutError OOD_DATASET_INVALID without a list: for a folder without images, which would shift class numbers; with a list: for a
 *   folder missing from it, unless others are left out.
 */
export function folderClasses(
  found: ClassFolders,
  { labels: kind, list, others }: FolderOptions,
): FolderClasses | undefined {
  if (others === 'leave-out' && !list) throw invalid('"others" requires "classes"', 'Name all classes of the network.');
  const filled = new Set(found.images.map(topFolder));
  const empty = found.folders.filter((folder) => !filled.has(folder));
  if (kind === 'none' && !list) return undefined;
  if (kind === 'folders' && !list && empty.length > 0) throw emptyClasses(found, empty);
  const keys = list?.keys ?? sortByBytes(found.folders);
  const labels = folderLabels(found.folders, { labels: kind, list });
  const unknown = found.folders.filter((folder) => !labels.has(folder) && filled.has(folder));
  if (unknown.length > 0 && others === 'refuse')
    throw kind === 'numbers' ? unnumbered(found.root, unknown, list) : unknownClasses(found.root, unknown, keys);
  const unnamed = empty.filter((folder) => !labels.has(folder));
  const images = others === 'refuse' ? found.images : found.images.filter((id) => labels.has(topFolder(id)));
  if (images.length === 0 && found.images.length > 0) throw noneOfTheClasses(found, keys);
  return {
    labelOf: (id) => labels.get(topFolder(id)),
    images,
    names: list?.names ?? (keys.length > 0 && kind === 'folders' ? keys : undefined),
    notes: [
      ...leftOutNote(found.images.length - images.length, keys.length),
      ...noteOn(
        empty.filter((folder) => labels.has(folder)),
        'class folder',
        'without an image',
      ),
      ...noteOn(unnamed, 'folder', 'that is not a class and has no images', 'that are not classes and have no images'),
    ],
  };
}

const noteOn = (names: readonly string[], thing: string, which: string, whichMany = which) =>
  names.length === 0 ? [] : [`${some(names, thing)} ${names.length === 1 ? which : whichMany}: ${listed(names)}`];

/** The class of each folder that has one. With a list, includes folders that do not exist. */
export function folderLabels(
  folders: readonly string[],
  { labels, list }: Pick<FolderOptions, 'labels' | 'list'>,
): ReadonlyMap<string, number> {
  if (labels === 'numbers') return numbersOf(folders, list);
  return new Map((list?.keys ?? sortByBytes(folders)).map((key, label) => [key, label]));
}

/** Folders named by a class number, with that number. */
const numbersOf = (folders: readonly string[], list: ClassList | undefined) =>
  new Map(
    folders
      .filter((folder) => /^\d{1,7}$/.test(folder) && Number(folder) < (list?.keys.length ?? Infinity))
      .map((folder) => [folder, Number(folder)]),
  );

/** The note about images outside all classes of a list. */
export const leftOutNote = (images: number, classes: number): string[] =>
  images === 0
    ? []
    : [`left out ${images} ${images === 1 ? 'image that is' : 'images that are'} in none of the ${classes} classes`];

const invalid = (message: string, fix: string) => new FaroutError('OOD_DATASET_INVALID', message, { fix });

function emptyClasses({ root, others }: ClassFolders, empty: readonly string[]): FaroutError {
  const described = (folder: string) => {
    const kinds = new Set(
      others.filter((name) => topFolder(name) === folder).map((name) => extname(name) || 'no extension'),
    );
    return kinds.size === 0 ? folder : `${folder} (only files of ${[...kinds].slice(0, 3).join(', ')})`;
  };
  return invalid(
    `${some(empty, 'class folder')} of ${root} ${empty.length === 1 ? 'has' : 'have'} no images: ${listed(empty, described)}`,
    'Add images to it. Remove folders that are not classes. If only some classes are present, list all of them in "classes".',
  );
}

const noneOfTheClasses = ({ root }: ClassFolders, keys: readonly string[]) =>
  invalid(
    `no image of ${root} is in one of the ${keys.length} classes`,
    `Its subfolders must be named after the classes, such as ${keys[0]!}.`,
  );

const unnumbered = (root: string, unknown: readonly string[], list: ClassList | undefined) =>
  invalid(
    `${some(unknown, 'folder')} of ${root} ${unknown.length === 1 ? 'has a name' : 'have names'} other than the number of a class${list ? `, 0 to ${list.keys.length - 1}` : ''}: ${listed(unknown)}`,
    'With "labels: numbers", folders must be called 0, 1, 2, …; for other names, use "labels: folders" or "classes".',
  );

function unknownClasses(root: string, unknown: readonly string[], keys: readonly string[]): FaroutError {
  const advice = didYouMean(unknown[0]!, keys);
  return invalid(
    `${some(unknown, 'folder')} of ${root} ${unknown.length === 1 ? 'is' : 'are'} not among the ${keys.length} classes: ${listed(unknown)}`,
    advice ?? `Name folders after the classes, such as ${keys[0]!}.`,
  );
}
