import { defineDataset, filePath, z } from '@farout/core';
import { archivedImages, archiveParameters } from './archived-images.ts';
import { openTar } from './opened-tar.ts';

/** How many bytes of a file are needed to recognize an image. */
const beginning = 32;

/**
 * The images in a tar, read in place. A gzipped tar is unpacked once, to a tar in the cache. Headers are read once; the index of a large tar is
 * kept in the cache, that of a tar in a storage next to it. Images are listed, named and labelled as by image-folder on the unpacked tar. Links in
 * the tar are not followed.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is damaged, has a duplicate name or one that leads out of it, has no image, or class numbers
 *   would shift.
 */
export const tar = defineDataset({
  name: 'tar',
  about: { summary: 'The images in a tar or tar.gz, read in place.' },
  params: z.object({
    file: filePath({ storages: true }).describe(
      'the archive: .tar, .tar.gz or .tgz; or the address of a .tar in a storage',
    ),
    ...archiveParameters,
  }),
  open: async ({ file: path, ...wanted }) => {
    const { file, index, placeOf } = await openTar(path);
    const beginningOf = async ({ offset, length }: { offset: number; length: number }) =>
      (await file.read(offset, Math.min(beginning, length))).toString('latin1');
    const { images, ...rest } = await archivedImages({ path, ...index }, wanted, beginningOf);
    return {
      images: images.map(({ entry, ...image }) => ({ ...image, ...placeOf(entry) })),
      ...rest,
    };
  },
});
