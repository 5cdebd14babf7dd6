import { defineDataset, filePath, z } from '@farout/core';
import { archivedImages, archiveParameters } from './archived-images.ts';
import { keptIndex, plainTar } from './archive-cache.ts';
import { indexTar } from './tar-index.ts';

/** As much of a file tells whether it is an image. */
const beginning = 32;

/**
 * The images in a tar, which are read where they lie. One that is packed by gzip is unpacked once, to a tar in the cache. Its headers are read once;
 * the index of a large one is kept in the cache. Images are listed, called and labelled as image-folder does what the tar unpacks to; links in it are
 * not followed.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is damaged, has a name that leads out of it or is there twice, has no image, or classes would be
 *   shifted.
 */
export const tar = defineDataset({
  name: 'tar',
  about: { summary: 'The images in a tar or tar.gz, read where they lie.' },
  params: z.object({ file: filePath().describe('the archive: .tar, .tar.gz or .tgz'), ...archiveParameters }),
  open: async ({ file: path, ...wanted }) => {
    const file = await plainTar(path);
    const index = await keptIndex(file, 'tar', () => file.during(() => indexTar(file)));
    const beginningOf = async ({ offset, length }: { offset: number; length: number }) =>
      (await file.read(offset, Math.min(beginning, length))).toString('latin1');
    const { images, ...rest } = await archivedImages({ path, ...index }, wanted, beginningOf);
    return {
      images: images.map(({ entry: { offset, length }, ...image }) => ({ ...image, path: file.path, offset, length })),
      ...rest,
    };
  },
});
