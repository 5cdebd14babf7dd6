import { defineDataset, filePath, z } from '@farout/core';
import { archivedImages, archiveParameters } from './archived-images.ts';
import { openTar } from './opened-tar.ts';

/** As much of a file tells whether it is an image. */
const beginning = 32;

/**
 * The images in a tar, which are read where they lie. One that is packed by gzip is unpacked once, to a tar in the cache. Its headers are read once;
 * the index of a large one is kept in the cache, that of one in a storage beside it. Images are listed, called and labelled as image-folder does what the tar unpacks to; links in it are
 * not followed.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is damaged, has a name that leads out of it or is there twice, has no image, or classes would be
 *   shifted.
 */
export const tar = defineDataset({
  name: 'tar',
  about: { summary: 'The images in a tar or tar.gz, read where they lie.' },
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
