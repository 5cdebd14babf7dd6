import { resolve } from 'node:path';
import { defineDataset, folderPath, FaroutError, z } from '@farout/core';
import { findImages, type FoundImages } from './find-images.ts';
import { limit } from './limit.ts';
import { sortByBytes } from './sort-by-bytes.ts';

/**
 * All images in a folder and the folders below, in the order of their paths' bytes in UTF-8; an image is called by its
 * path relative to the folder. What is passed over: see `findImages`.
 *
 * `labels: folders` gives each image the number of the folder right below the root that it lies in; folders count from 0
 * in the same order, as torchvision's ImageFolder counts them. An image right in the root then has no label.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a folder cannot be read or there is no image.
 */
export const imageFolder = defineDataset({
  name: 'image-folder',
  about: {
    summary: 'All images in a folder and the folders below, in the order of their paths.',
  },
  params: z.object({
    root: folderPath().describe('the folder that holds the images'),
    labels: z.enum(['none', 'folders']).default('none').describe('whether the folders below the root are the classes'),
    limit: limit(),
  }),
  open: async ({ root, labels, limit }) => {
    const found = await findImages(root);
    if (found.images.length === 0) throw noImages(root, found);
    const names = sortByBytes(found.images);
    const classes = labels === 'folders' ? numberFolders(names) : new Map<string, number>();
    const images = names.slice(0, limit).map((id) => {
      const label = classes.get(topFolder(id));
      return { id, path: resolve(root, id), ...(label !== undefined && { label }) };
    });
    return { images };
  },
});

/** '' for an image right in the root. */
const topFolder = (id: string) => id.slice(0, Math.max(0, id.indexOf('/')));

/** By all images, also those beyond the limit: a class keeps its number. */
function numberFolders(names: readonly string[]): Map<string, number> {
  const folders = new Set(names.map(topFolder));
  folders.delete('');
  return new Map(sortByBytes([...folders]).map((folder, label) => [folder, label]));
}

function noImages(root: string, { links }: FoundImages): FaroutError {
  return new FaroutError('OOD_DATASET_INVALID', `the folder ${root} holds no image`, {
    fix:
      links.length === 0
        ? 'Name the folder that the images lie in or below; hidden files do not count.'
        : `It has links (${links[0]!}) that are not followed: only links to a file below the folder are. Name the folder they lead to, or use image-list.`,
  });
}
