import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { FaroutError } from '@farout/core';
import { FilesBelow } from './files-below.ts';

/**
 * Files that are images by their name. More kinds than are read: what lies there and cannot be read is to be named, not
 * overlooked.
 */
const imageExtensions = new Set(
  ['jpg', 'jpeg', 'jpe', 'png', 'gif', 'bmp', 'webp', 'tif', 'tiff', 'ppm', 'pgm', 'avif', 'heic', 'heif'].map(
    (extension) => `.${extension}`,
  ),
);

/** What a folder holds. */
export interface FoundImages {
  /** Paths relative to the folder, with forward slashes, in no particular order. */
  readonly images: string[];
  /** The links that were not followed, likewise. */
  readonly links: string[];
}

/**
 * All images below a folder. Passed over are hidden files and folders, files that are no images by their extension, and
 * links other than those to a file below the same folder: a link to a folder could lead in circles.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a folder cannot be read.
 */
export async function findImages(root: string): Promise<FoundImages> {
  const found: FoundImages = { images: [], links: [] };
  const files = new FilesBelow(root);
  const waiting = [''];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await entriesOf(join(root, folder))) {
      if (entry.name.startsWith('.')) continue;
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) waiting.push(name);
      else if (entry.isSymbolicLink() && !(await files.has(join(root, name)))) found.links.push(name);
      else if (isImage(entry)) found.images.push(name);
    }
  }
  return found;
}

const isImage = (entry: Dirent) =>
  (entry.isFile() || entry.isSymbolicLink()) && imageExtensions.has(extname(entry.name).toLowerCase());

async function entriesOf(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw new FaroutError('OOD_DATASET_INVALID', `the folder ${folder} cannot be read`, {
      fix: 'Check that it exists, is a folder, and that you may read it.',
      cause,
    });
  }
}
