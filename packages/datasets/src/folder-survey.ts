import { extname, join, resolve } from 'node:path';
import { didYouMean, type DatasetFault, type DatasetSurvey } from '@farout/core';
import { readClassList } from './class-list.ts';
import { findImages, type FoundImages } from './find-images.ts';
import { folderLabels, topFolder, type FolderOptions } from './folder-classes.ts';
import { kindByName } from './image-files.ts';
import { sortByBytes } from './name-lists.ts';
import { findStoredImages, isStored, type StoredPlace } from './stored-images.ts';

/** The parameters for reading a folder. */
export interface FolderParameters {
  readonly root: string;
  readonly labels: FolderOptions['labels'];
  readonly classes?: readonly string[] | string | undefined;
  readonly others?: FolderOptions['others'];
  readonly limit?: number | undefined;
}

/**
 * Reports everything in a folder that is not an image or does not match its name; if folders are classes, also folders that are not a
 * class or are empty. Images in folders that are not a class have no label, or are left out.
 */
export async function surveyFolder({
  root,
  labels,
  classes,
  others = 'refuse',
  limit,
}: FolderParameters): Promise<DatasetSurvey> {
  const found = await imagesBelow(root);
  const list = classes === undefined ? undefined : await readClassList(classes);
  const byFolder = labels !== 'none' || list !== undefined;
  const labelOf = byFolder ? folderLabels(found.folders, { labels, list }) : new Map<string, number>();
  const ids = sortByBytes(found.images).filter((id) => others === 'refuse' || labelOf.has(topFolder(id)));
  const images = ids.slice(0, limit).map((id) => {
    const label = labelOf.get(topFolder(id));
    return { id, ...found.placeOf(id), ...(label !== undefined && { label }) };
  });
  const faults = [
    ...namesOf(root, found),
    // With a list, a missing class shifts no other.
    ...lost(root, found, labels === 'folders' && !list),
    ...(byFolder ? classFolders(root, found, { labelOf, keys: list?.keys, labels, others }) : []),
  ];
  const names = list?.names ?? (labels === 'folders' ? [...labelOf.keys()] : []);
  return { images, faults, ...(names.length > 0 && { classes: names }) };
}

/** The contents below a folder or address, and the place of each image. `enough`: stop after this many images. */
export async function imagesBelow(
  root: string,
  enough?: number,
): Promise<FoundImages & { readonly placeOf: (id: string) => StoredPlace | { readonly path: string } }> {
  if (isStored(root)) return findStoredImages(root, enough);
  const { images, folders, passedOver } = await findImages(root);
  return { images, folders, passedOver, placeOf: (id) => ({ path: resolve(root, id) }) };
}

type Said = Pick<DatasetFault, 'kind' | 'severity' | 'what'> & { readonly fix?: string };

/** One fault for all names with the same problem; empty for no names. `at`: the folder that contains them all. */
function about(at: string, names: readonly string[], said: Said): DatasetFault[] {
  if (names.length === 0) return [];
  const items = sortByBytes(names);
  return [{ ...said, where: items.length === 1 ? join(at, items[0]!) : at, ...(items.length > 1 && { items }) }];
}

const one = (names: readonly string[], single: string, several: string) =>
  names.length === 1 ? single : `${names.length} ${several}`;

const extensionsOf = (names: readonly string[]) => {
  const all = [...new Set(names.map((name) => extname(name).toLowerCase() || 'no extension'))].sort();
  return all.length > 4 ? `${all.slice(0, 4).join(', ')} and others` : all.join(', ');
};

/** Files whose extension tells nothing, and names that are not UTF-8. */
function namesOf(root: string, { images, passedOver }: FoundImages): DatasetFault[] {
  const unknown = (names: readonly string[]) => names.filter((name) => kindByName(name) === 'unknown');
  const [strange, others] = [unknown(images), unknown(passedOver.others)];
  return [
    ...about(root, strange, {
      kind: 'layout',
      severity: 'warning',
      what: `${one(strange, 'an image', 'images')} recognised only by content: the file name does not say so (${extensionsOf(strange)})`,
      fix: 'Give it an image extension, such as a.jpg, or remove it: it is read as an image.',
    }),
    ...about(root, others, {
      kind: 'layout',
      severity: 'warning',
      what: `${one(others, 'a file', 'files')} of an unknown kind, not an image by content (${extensionsOf(others)})`,
      fix: 'Remove it, or get it again if it should be an image: it is ignored.',
    }),
    ...about(root, passedOver.undecodable, {
      kind: 'layout',
      severity: 'error',
      what: `${one(passedOver.undecodable, 'a name that is', 'names that are')} not UTF-8`,
      fix: `Rename; if the names are Latin-1: convmv -f latin1 -t utf8 -r --notest ${root}`,
    }),
  ];
}

/** Broken links. One directly below the root may hide a class, if folders are classes. */
function lost(root: string, { passedOver }: FoundImages, byFolder: boolean): DatasetFault[] {
  const isClass = (name: string) => byFolder && topFolder(name) === '' && extname(name) === '';
  const kinds = [
    [passedOver.broken, 'a broken link', 'broken links'],
    [passedOver.circles, 'a link back to a folder above it', 'links back to a folder above them'],
    [passedOver.flattened, 'a file that Git wrote instead of a link', 'files that Git wrote instead of links'],
  ] as const;
  return kinds.flatMap(([names, single, several]) => {
    const [classes, others] = [names.filter(isClass), names.filter((name) => !isClass(name))];
    const fix = 'Correct its target, or remove it.';
    return [
      ...about(root, classes, {
        kind: 'layout',
        severity: 'error',
        what: `${one(classes, single, several)}, where folders are classes: later classes get other numbers`,
        fix,
      }),
      ...about(root, others, { kind: 'layout', severity: 'warning', what: one(others, single, several), fix }),
    ];
  });
}

/** How folders are mapped to classes. */
interface FolderClassification extends Pick<FolderOptions, 'labels' | 'others'> {
  readonly labelOf: ReadonlyMap<string, number>;
  /** The folder names in the list of classes. */
  readonly keys: readonly string[] | undefined;
}

/** Folders without images, and folders that are not a class. */
function classFolders(
  root: string,
  { images, folders }: FoundImages,
  { labelOf, keys, labels, others }: FolderClassification,
): DatasetFault[] {
  const filled = new Set(images.map(topFolder));
  const empty = folders.filter((folder) => !filled.has(folder));
  const foreign = others === 'refuse' ? folders.filter((folder) => filled.has(folder) && !labelOf.has(folder)) : [];
  const isFixed = keys !== undefined || labels === 'numbers';
  return [
    ...about(root, empty, {
      kind: 'layout',
      severity: isFixed ? 'warning' : 'error',
      what: `${one(empty, 'a class folder', 'class folders')} without an image`,
      fix: isFixed
        ? 'Add its images, or remove it.'
        : 'Add its images, or remove it and list all classes in "classes": without it, later classes get other numbers.',
    }),
    ...about(root, foreign, {
      kind: 'label',
      severity: 'error',
      what:
        labels === 'numbers'
          ? `${one(foreign, 'a folder', 'folders')} whose name is not the number of a class`
          : `${one(foreign, 'a folder that is', 'folders that are')} not among the ${keys?.length ?? 0} classes`,
      fix:
        didYouMean(foreign[0] ?? '', keys ?? []) ??
        `Name folders after the classes, such as ${labels === 'numbers' ? '0' : (keys?.[0] ?? '')}.`,
    }),
  ];
}
