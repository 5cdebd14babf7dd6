import { extname } from 'node:path';
import { FaroutError, z } from '@farout/core';
import { classesParameter, othersParameter, readClassList } from './class-list.ts';
import { folderClasses, labelsParameter, topFolder, type FolderOptions } from './folder-classes.ts';
import { isImageByContent, kindByName } from './image-files.ts';
import { limit } from './limit.ts';
import { listed, some, sortByBytes } from './name-lists.ts';

/** The parameters of image archives, apart from the archive itself. */
export const archiveParameters = {
  under: z.string().min(1).optional().describe('use only this folder of the archive, as its root: dtd/images'),
  labels: labelsParameter(),
  classes: classesParameter(),
  others: othersParameter(),
  limit: limit(),
};

/** An entry of an archive. */
export interface ArchivedEntry {
  readonly name: string;
  readonly folder: boolean;
}

/** What to take from an archive. */
export interface Wanted {
  readonly under?: string | undefined;
  readonly labels: FolderOptions['labels'];
  readonly classes?: readonly string[] | string | undefined;
  readonly others: FolderOptions['others'];
  readonly limit?: number | undefined;
}

/** An image of an archive. */
export interface Archived<E> {
  /** Its path relative to the root. */
  readonly id: string;
  readonly label?: number;
  readonly entry: E;
}

/**
 * Lists the images of an archive by the rules of image-folder: in byte order of their paths, without hidden files and folders. Images are
 * recognized by extension, or by their first bytes if the extension is unknown.
 *
 * @throws FaroutError OOD_DATASET_INVALID when there is no image, or class numbers would shift.
 */
export async function archivedImages<E extends ArchivedEntry>(
  archive: { readonly path: string; readonly entries: readonly E[]; readonly others: readonly string[] },
  { under, labels, classes, others, limit }: Wanted,
  beginningOf: (entry: E) => Promise<string>,
) {
  const root = under === undefined ? '' : `${under.replace(/^\.\/|\/+$/g, '')}/`;
  const where = root === '' ? archive.path : `${root} in ${archive.path}`;
  const below = (name: string) => (name.startsWith(root) ? name.slice(root.length) : '');
  const images = new Map<string, E>();
  const [folders, noImages]: [Set<string>, string[]] = [new Set(), []];
  for (const entry of archive.entries) {
    const id = below(entry.name);
    if (id === '' || `/${id}`.includes('/.')) continue;
    const top = entry.folder && !id.includes('/') ? id : topFolder(id);
    if (top !== '') folders.add(top);
    if (entry.folder) continue;
    if (await isImage(entry, id, beginningOf)) images.set(id, entry);
    else noImages.push(id);
  }
  const links = archive.others.map(below).filter((name) => name !== '' && !`/${name}`.includes('/.'));
  const list = classes === undefined ? undefined : await readClassList(classes);
  if (labels === 'folders' && !list) refuseLinks(where, links);
  const found = { root: where, folders: [...folders], images: [...images.keys()], others: noImages };
  const known = folderClasses(found, { labels, list, others });
  if (images.size === 0) throw noImage(where, noImages);
  return {
    images: sortByBytes(known?.images ?? found.images)
      .slice(0, limit)
      .map((id): Archived<E> => {
        const label = known?.labelOf(id);
        return { id, ...(label !== undefined && { label }), entry: images.get(id)! };
      }),
    ...(known?.names && { classes: known.names }),
    notes: [
      ...(links.length === 0
        ? []
        : [
            `skipped ${some(links, 'entry', 'entries')} that ${links.length === 1 ? 'is not a file' : 'are not files'}: ${listed(links)}`,
          ]),
      ...(known?.notes ?? []),
    ],
  };
}

async function isImage<E>(entry: E, id: string, beginningOf: (entry: E) => Promise<string>): Promise<boolean> {
  const kind = kindByName(id);
  return kind === 'unknown' ? isImageByContent(await beginningOf(entry)) : kind === 'image';
}

/** A link directly in the root may stand for a class. */
function refuseLinks(where: string, links: readonly string[]): void {
  const lost = links.filter((name) => topFolder(name) === '' && extname(name) === '');
  if (lost.length === 0) return;
  throw new FaroutError(
    'OOD_DATASET_INVALID',
    `${some(lost, 'link')} directly in ${where}, where folders are classes: ${listed(lost)}`,
    {
      fix: 'Pack the archive with the folders they point to (tar --dereference), or list all classes in "classes".',
    },
  );
}

const noImage = (where: string, others: readonly string[]) =>
  new FaroutError('OOD_DATASET_INVALID', `there are no images in ${where}`, {
    fix:
      others.length === 0
        ? 'Check "under": it is a folder in the archive.'
        : `It has ${some(others, 'file')} other than images: ${listed(others)}.`,
  });
