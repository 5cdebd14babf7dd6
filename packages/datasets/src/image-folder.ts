import { extname } from 'node:path';
import { defineDataset, folderPath, FaroutError, z } from '@farout/core';
import { classesParameter, othersParameter, readClassList } from './class-list.ts';
import type { PassedOver } from './find-images.ts';
import { folderClasses, labelsParameter, topFolder } from './folder-classes.ts';
import { imagesBelow, surveyFolder } from './folder-survey.ts';
import { limit } from './limit.ts';
import { is, listed, some, sortByBytes } from './name-lists.ts';
import { notesOn, refuseUndecodable } from './passed-over.ts';

/**
 * All images in a folder and its subfolders, in byte order of their UTF-8 paths. An image id is its path relative to the folder.
 * `findImages` describes what counts as an image, and which links are followed.
 *
 * `labels: folders` labels each image with the index of its folder directly below the root. All folders count, from 0 in byte order, as in
 * torchvision's ImageFolder. With `classes`, a list of all classes of the network, the class of a folder is the position of its name in the
 * list, and the folders may cover only some classes. An image directly in the root has no label. With `others: leave-out`, images outside
 * the listed folders are left out.
 *
 * The folder may be in a storage provided by a plugin, such as s3://bucket/folder: then keys are the paths.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a folder, a link or a file that may be an image cannot be read, there is no image, a
 * class has no image, a broken link may stand for a class, or a name is not UTF-8.
 */
export const imageFolder = defineDataset({
  name: 'image-folder',
  about: {
    summary: 'All images in a folder and its subfolders, in the order of their paths.',
  },
  params: z.object({
    root: folderPath({ storages: true }).describe('the folder of the images, or the address of a folder in a storage'),
    labels: labelsParameter(),
    classes: classesParameter(),
    others: othersParameter(),
    limit: limit(),
  }),
  open: async ({ root, labels, classes, others, limit }) => {
    const byFolder = labels !== 'none' || classes !== undefined;
    const found = await imagesBelow(root, byFolder ? undefined : limit);
    refuseUndecodable(root, found.passedOver);
    const list = classes === undefined ? undefined : await readClassList(classes);
    if (labels === 'folders' && !list) refuseLostClasses(root, found.passedOver);
    const known = folderClasses({ root, ...found, others: found.passedOver.others }, { labels, list, others });
    if (found.images.length === 0) throw noImages(root, found.passedOver);
    const images = sortByBytes(known?.images ?? found.images)
      .slice(0, limit)
      .map((id) => {
        const label = known?.labelOf(id);
        return { id, ...found.placeOf(id), ...(label !== undefined && { label }) };
      });
    const notes = [...notesOn(found.passedOver, byFolder), ...(known?.notes ?? [])];
    return { images, notes, ...(known?.names && { classes: known.names }) };
  },
  survey: surveyFolder,
});

const invalid = (message: string, fix: string) => new FaroutError('OOD_DATASET_INVALID', message, { fix });

/** A missing class would shift the numbers of all classes after it. */
function refuseLostClasses(root: string, { broken, circles, flattened }: PassedOver): void {
  const lost = [...broken, ...circles, ...flattened].filter((name) => topFolder(name) === '' && extname(name) === '');
  if (lost.length === 0) return;
  throw invalid(
    `${some(lost, 'link')} directly in ${root}, where folders are classes, ${lost.length === 1 ? 'does' : 'do'} not point to a folder of its own: ${listed(lost)}`,
    lost.some((name) => flattened.includes(name))
      ? 'Git writes a file with a path where it cannot create a link: run git config core.symlinks true, and check it out again.'
      : 'Point it to the folder of its class, or remove it: without it, later classes get other numbers.',
  );
}

function noImages(root: string, { broken, circles, others }: PassedOver): FaroutError {
  const links = [...broken, ...circles];
  const has = [
    ...(others.length > 0 ? [`${some(others, 'file')} that ${is(others)} no image: ${listed(others)}`] : []),
    ...(links.length > 0 ? [`${some(links, 'link')} that cannot be followed: ${listed(links)}`] : []),
  ];
  const fix = 'Name the folder that contains the images, directly or in subfolders; hidden files do not count.';
  return invalid(
    `the folder ${root} contains no images`,
    has.length === 0 ? fix : `It has ${has.join(', and ')}. ${fix}`,
  );
}
