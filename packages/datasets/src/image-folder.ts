import { extname, resolve } from 'node:path';
import { defineDataset, folderPath, FaroutError, z } from '@farout/core';
import { findImages, type FoundImages, type PassedOver } from './find-images.ts';
import { limit } from './limit.ts';

/**
 * All images in a folder and the folders below, in the order of their paths' bytes in UTF-8; an image is called by its
 * path relative to the folder. What counts as an image, and which links are followed: see `findImages`.
 *
 * `labels: folders` gives each image the number of the folder right below the root that it lies in; all folders count, from 0
 * in the same order, as torchvision's ImageFolder counts them. An image right in the root then has no label.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a folder, a link or a file that may be an image cannot be read, there is no image, a
 * class has none, a link may be a class but leads to no folder, or a name is no UTF-8.
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
    refuseUndecodable(root, found.passedOver);
    if (labels === 'folders') refuseLostClasses(root, found);
    if (found.images.length === 0) throw noImages(root, found.passedOver);
    const classes = labels === 'folders' ? numbered(sortByBytes(found.folders)) : new Map<string, number>();
    const images = sortByBytes(found.images)
      .slice(0, limit)
      .map((id) => {
        const label = classes.get(topFolder(id));
        return { id, path: resolve(root, id), ...(label !== undefined && { label }) };
      });
    return { images, notes: notesOn(found.passedOver, labels) };
  },
});

/** '' for what lies right in the root. */
const topFolder = (name: string) => name.slice(0, Math.max(0, name.indexOf('/')));

const numbered = (folders: readonly string[]) => new Map(folders.map((folder, label) => [folder, label]));

const invalid = (message: string, fix: string) => new FaroutError('OOD_DATASET_INVALID', message, { fix });

function refuseUndecodable(root: string, { undecodable }: PassedOver): void {
  if (undecodable.length === 0) return;
  throw invalid(
    `${some(undecodable, 'name')} below ${root} ${is(undecodable)} no UTF-8: ${listed(undecodable)}`,
    `Rename ${undecodable.length === 1 ? 'it' : 'them'}; from Latin-1: convmv -f latin1 -t utf8 -r --notest ${root}`,
  );
}

/** A class that is not counted would shift the numbers of those after it. */
function refuseLostClasses(root: string, { folders, images, passedOver }: FoundImages): void {
  const { broken, circles, flattened, others } = passedOver;
  const lost = [...broken, ...circles, ...flattened].filter((name) => topFolder(name) === '' && extname(name) === '');
  if (lost.length > 0) {
    throw invalid(
      `${some(lost, 'link')} right below ${root}, where folders are classes, ${lost.length === 1 ? 'leads' : 'lead'} to no folder of its own: ${listed(lost)}`,
      lost.some((name) => flattened.includes(name))
        ? 'Git leaves a file with a path in it where it cannot make a link: git config core.symlinks true, and check it out again.'
        : 'Make it lead to the folder of its class, or remove it: without it the classes after it have other numbers.',
    );
  }
  const filled = new Set(images.map(topFolder));
  const empty = folders.filter((folder) => !filled.has(folder));
  if (empty.length === 0) return;
  const described = (folder: string) => {
    const kinds = new Set(
      others.filter((name) => topFolder(name) === folder).map((name) => extname(name) || 'no extension'),
    );
    return kinds.size === 0 ? folder : `${folder} (only files of ${[...kinds].slice(0, 3).join(', ')})`;
  };
  throw invalid(
    `${some(empty, 'class folder')} of ${root} ${empty.length === 1 ? 'holds' : 'hold'} no image: ${listed(empty, described)}`,
    'Put images into it. A folder that is no class must go; images of some of the classes are better listed with their numbers by image-list.',
  );
}

function noImages(root: string, { broken, circles, others }: PassedOver): FaroutError {
  const links = [...broken, ...circles];
  const has = [
    ...(others.length > 0 ? [`${some(others, 'file')} that ${is(others)} no image: ${listed(others)}`] : []),
    ...(links.length > 0 ? [`${some(links, 'link')} that cannot be followed: ${listed(links)}`] : []),
  ];
  const fix = 'Name the folder that the images lie in or below; hidden files do not count.';
  return invalid(`the folder ${root} holds no image`, has.length === 0 ? fix : `It has ${has.join(', and ')}. ${fix}`);
}

/** What was passed over and might be missed. */
function notesOn({ broken, circles, flattened, hidden }: PassedOver, labels: 'none' | 'folders'): string[] {
  const notes = [
    [broken, 'link', 'leading nowhere'],
    [circles, 'link', 'leading back to a folder above'],
    [flattened, 'file', 'holding a path, which Git leaves of a link that it cannot make'],
    [labels === 'folders' ? hidden : [], 'hidden folder', 'counted as no class'],
  ] as const;
  return notes.flatMap(([names, thing, which]) =>
    names.length === 0 ? [] : [`passed over ${some(names, thing)} ${which}: ${listed(names)}`],
  );
}

const some = (names: readonly string[], thing: string) => `${names.length} ${thing}${names.length === 1 ? '' : 's'}`;
const is = (names: readonly string[]) => (names.length === 1 ? 'is' : 'are');

/** How many names a sentence spells out before it counts the rest. */
const spelledOut = 5;

function listed(names: readonly string[], described: (name: string) => string = (name) => name): string {
  const first = sortByBytes(names).slice(0, spelledOut).map(described).join(', ');
  return names.length > spelledOut ? `${first} and ${names.length - spelledOut} more` : first;
}

/** `names` in the order of their bytes in UTF-8: the same on every machine and in every language. */
function sortByBytes(names: readonly string[]): string[] {
  return names
    .map((name) => ({ name, bytes: Buffer.from(name) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ name }) => name);
}
