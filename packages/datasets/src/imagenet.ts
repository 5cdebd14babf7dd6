import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defineDataset, FaroutError, filePath, folderPath, z, type ImageFile } from '@farout/core';
import { keptIndex, plainTar } from './archive-cache.ts';
import { findImages } from './find-images.ts';
import { classesParameter, readClassList, type ClassList } from './class-list.ts';
import { leftOutNote, topFolder } from './folder-classes.ts';
import { imagenet1k } from './imagenet-1k.ts';
import { limit } from './limit.ts';
import { openMat, recordsOf } from './mat.ts';
import { is, listed, some, sortByBytes } from './name-lists.ts';
import type { PackedFile } from './packed-file.ts';
import { notesOn, refuseUndecodable } from './passed-over.ts';
import { indexTar, type TarEntry, type TarIndex } from './tar-index.ts';

/**
 * ImageNet-1k (ILSVRC 2012) as published by image-net.org, unpacked or not. Validation images: one folder or ILSVRC2012_img_val.tar, with the
 * development kit, which has their classes. Training images: ILSVRC2012_img_train.tar, a tar with one tar per class, read without unpacking. Or
 * either in folders named by WordNet id. Labels are those of torchvision's networks: the kit's numbers are mapped through the WordNet ids in its
 * `meta.mat`. With `classes`, a list of WordNet ids, labels are positions in that list, and images of other classes are left out.
 *
 * Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015.
 *
 * @throws FaroutError OOD_DATASET_INVALID when there is no image, the class of an image is unknown, or the kit or the archive is damaged.
 */
export const imagenet = defineDataset({
  name: 'imagenet',
  about: {
    summary: 'ImageNet-1k as published by image-net.org, from the original archives or unpacked.',
    source: 'Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015',
  },
  params: z.object({
    folder: folderPath().optional().describe('the folder of the images, perhaps with subfolders named by WordNet id'),
    archive: filePath()
      .optional()
      .describe('the archive, instead of the folder: ILSVRC2012_img_val.tar or ILSVRC2012_img_train.tar'),
    devkit: folderPath()
      .optional()
      .describe('for validation images without class folders: the unpacked ILSVRC2012_devkit_t12.tar.gz'),
    classes: classesParameter().describe(
      'the classes to use, as WordNet ids in the order of the network outputs: imagenet-200, a list, or a text file; default: all 1,000',
    ),
    limit: limit(),
  }),
  open: async ({ folder, archive, devkit, classes, limit }) => {
    if ((folder === undefined) === (archive === undefined))
      throw invalid('imagenet needs either a "folder" or an "archive"', 'Name one of them.');
    const { images, notes } = folder === undefined ? await imagesIn(archive!) : await imagesBelow(folder);
    if (images.size === 0)
      throw invalid(`there are no images in ${folder ?? archive}`, 'Name the folder or the archive of the images.');
    const list = classes === undefined ? imagenet1k : await chosenClasses(classes);
    const all = sortByBytes([...images.keys()]);
    // With all classes, only images within the limit need a class.
    const candidates = list === imagenet1k ? all.slice(0, limit) : all;
    const labelOf = await classifier(candidates, devkit, list);
    const labelled = candidates.flatMap((id): ImageFile[] => {
      const label = labelOf(id);
      return label === undefined ? [] : [{ id, label, ...images.get(id)! }];
    });
    if (labelled.length === 0)
      throw invalid(
        `there are no images of the ${list.keys.length} classes in ${folder ?? archive}`,
        'Check "classes".',
      );
    return {
      images: labelled.slice(0, limit),
      classes: list.names,
      notes: [...notes, ...leftOutNote(candidates.length - labelled.length, list.keys.length)],
    };
  },
});

/** Resolves a list of ImageNet classes. */
async function chosenClasses(given: readonly string[] | string): Promise<ClassList> {
  const list = await readClassList(given);
  const other = list.keys.find((key) => !imagenet1k.keys.includes(key));
  if (other === undefined) return list;
  throw invalid(`"${other}" is not a WordNet id of ImageNet-1k`, 'Name classes by these ids, such as n01440764.');
}

type Place = Pick<ImageFile, 'path' | 'offset' | 'length'>;

const invalid = (message: string, fix: string) => new FaroutError('OOD_DATASET_INVALID', message, { fix });

interface Found {
  readonly images: ReadonlyMap<string, Place>;
  readonly notes: readonly string[];
}

async function imagesBelow(folder: string): Promise<Found> {
  const { images, passedOver } = await findImages(folder);
  refuseUndecodable(folder, passedOver);
  return { images: new Map(images.map((id) => [id, { path: resolve(folder, id) }])), notes: notesOn(passedOver, true) };
}

const isImage = (name: string) => /\.jpe?g$/i.test(name);

async function imagesIn(archive: string): Promise<Found> {
  const file = await plainTar(archive);
  const { entries, others } = await keptIndex(file, 'imagenet', () => file.during(() => indexNested(file)));
  const files = entries.filter(({ name, folder }) => !folder && isImage(name));
  return {
    images: new Map(files.map(({ name, offset, length }) => [name, { path: file.path, offset, length }])),
    notes:
      others.length === 0
        ? []
        : [
            `skipped ${some(others, 'entry', 'entries')} of the archive that ${is(others)} not a file: ${listed(others)}`,
          ],
  };
}

/** The entries of a tar. Each `<class>.tar` is replaced by its own entries, below a folder of the class. */
async function indexNested(file: PackedFile): Promise<TarIndex> {
  const { entries, others } = await indexTar(file);
  const found: TarEntry[] = [];
  for (const entry of entries) {
    const [, synset] = /^(?:.*\/)?(n\d{8})\.tar$/.exec(entry.name) ?? [];
    if (synset === undefined) found.push(entry);
    else
      for (const each of (await indexTar(file, entry)).entries) found.push({ ...each, name: `${synset}/${each.name}` });
  }
  const names = new Set(found.map(({ name }) => name));
  if (names.size !== found.length) throw file.refusal('it has two tars of one class');
  return { entries: found, others };
}

const validation = /(?:^|\/)ILSVRC2012_val_(\d{8})\.JPEG$/i;

/** Classifies an image by its folder, or else by its number among the validation images; undefined for classes not in the list. */
async function classifier(
  ids: readonly string[],
  devkit: string | undefined,
  list: ClassList,
): Promise<(id: string) => number | undefined> {
  const labels = new Map(list.keys.map((synset, label) => [synset, label]));
  const isKnown = (id: string) => synsets.has(topFolder(id));
  const numbered = ids.filter((id) => !isKnown(id));
  const other = numbered.find((id) => !validation.test(id));
  if (other !== undefined)
    throw invalid(
      `"${other}" is not in the folder of a WordNet id of ImageNet-1k, and does not have the name of a validation image`,
      'Images must have the names that image-net.org gives them: n01440764/n01440764_18.JPEG, or ILSVRC2012_val_00000001.JPEG.',
    );
  if (numbered.length > 0 && devkit === undefined)
    throw invalid(
      `only the development kit knows the class of "${numbered[0]!}"`,
      'Name the folder that ILSVRC2012_devkit_t12.tar.gz unpacks to: devkit: …/ILSVRC2012_devkit_t12.',
    );
  const truth = numbered.length > 0 ? await groundTruth(devkit!) : [];
  return (id) => {
    if (isKnown(id)) return labels.get(topFolder(id));
    const synset = truth[Number(validation.exec(id)![1]) - 1];
    if (synset === undefined)
      throw invalid(`the development kit has ${truth.length} labels, none for "${id}"`, 'Use the devkit of 2012, t12.');
    return labels.get(synset);
  };
}

const synsets: ReadonlySet<string> = new Set(imagenet1k.keys);

/** The WordNet ids of the validation images, in order. */
async function groundTruth(devkit: string): Promise<string[]> {
  const path = join(devkit, 'data', 'ILSVRC2012_validation_ground_truth.txt');
  const text = await readFile(path, 'latin1').catch((cause: unknown) => {
    throw new FaroutError('OOD_DATASET_INVALID', `${path} cannot be read`, {
      fix: 'Name the folder that ILSVRC2012_devkit_t12.tar.gz unpacks to.',
      cause,
    });
  });
  const ofKit = await kitSynsets(join(devkit, 'data', 'meta.mat'));
  return text
    .trim()
    .split(/\s+/)
    .map((number, index) => {
      const synset = ofKit.get(number);
      if (synset !== undefined) return synset;
      throw invalid(
        `line ${index + 1} of ${path} is "${number.slice(0, 20)}", which is not a class of the kit`,
        'Extract the file from the archive again.',
      );
    });
}

/** Maps the kit's numbers, as text, to WordNet ids. In the kit, classes come before groups of classes. */
async function kitSynsets(path: string): Promise<Map<string, string>> {
  const mat = await openMat(path);
  const named = mat.arrays.get('synsets');
  const records = named ? await recordsOf(mat, named) : [];
  const found = new Map<string, string>();
  for (const record of records) {
    const [id, synset] = [record.get('ILSVRC2012_ID'), record.get('WNID')];
    if (typeof id === 'number' && typeof synset === 'string' && synsets.has(synset)) found.set(String(id), synset);
  }
  if (found.size === synsets.size && new Set(found.values()).size === synsets.size) return found;
  throw mat.file.refusal(`its "synsets" name ${found.size} of the ${synsets.size} classes`);
}
