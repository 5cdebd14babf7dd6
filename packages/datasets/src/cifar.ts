import { readdir, readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readPickledDictionary, type PickledPlace, type PickledValue } from '@farout/checkpoints';
import { defineDataset, FaroutError, folderPath, z, type DatasetImage } from '@farout/core';
import { limit } from './limit.ts';
import { PackedFile } from './packed-file.ts';
import { pixelsOf, planes } from './pixel-layouts.ts';

/**
 * CIFAR-10 or CIFAR-100 as published by its authors, from the unpacked folder: the Python version (`test_batch`, `test`) or the binary
 * version (`test_batch.bin`, `test.bin`). The file names tell which of the four it is. Images keep the order of the files; an image id is
 * `<file>:<number>`. Class names come from the folder's own list.
 *
 * Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
 *
 * @throws FaroutError OOD_DATASET_INVALID when a file is missing or of another size, or a label is out of range; OOD_ARRAY_INVALID for a
 *   pickle that is damaged or would run code.
 */
export const cifar = defineDataset({
  name: 'cifar',
  about: {
    summary: 'CIFAR-10 or CIFAR-100 as published by its authors, Python or binary version.',
    source: 'Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009',
  },
  params: z.object({
    folder: folderPath().describe(
      'the unpacked folder: cifar-10-batches-py, cifar-10-batches-bin, cifar-100-python or cifar-100-binary',
    ),
    set: z.enum(['test', 'train']).default('test').describe('which split to use'),
    labels: z.enum(['fine', 'coarse']).default('fine').describe('the 100 classes of CIFAR-100, or its 20 superclasses'),
    limit: limit(),
  }),
  open: async ({ folder, set, labels, limit = Infinity }) => {
    const kind = await kindOf(folder);
    if (labels === 'coarse' && !kind.coarse)
      throw invalid(`${folder} contains CIFAR-10, which has no coarse classes`, 'Remove "labels".');
    const classes = await kind.classes(folder, labels);
    const images: DatasetImage[] = [];
    for (const name of kind[set]) {
      if (images.length >= limit) break;
      const file = await PackedFile.open(resolve(folder, name));
      for (const image of await kind.images(file, labels, classes.length)) images.push(image);
    }
    return { images: images.slice(0, limit), classes };
  },
});

type Labels = 'fine' | 'coarse';

interface Kind {
  readonly test: readonly string[];
  readonly train: readonly string[];
  readonly coarse: boolean;
  readonly classes: (folder: string, labels: Labels) => string[] | Promise<string[]>;
  readonly images: (file: PackedFile, labels: Labels, classes: number) => DatasetImage[] | Promise<DatasetImage[]>;
}

const five = (ending: string) => [1, 2, 3, 4, 5].map((each) => `data_batch_${each}${ending}`);

/** The four variants, each recognized by a file that only it has. */
const kinds: Readonly<Record<string, Kind>> = {
  test_batch: {
    test: ['test_batch'],
    train: five(''),
    coarse: false,
    classes: (folder) => namesIn(folder, 'batches.meta', 'label_names'),
    images: (file, _, classes) => pickled(file, 'labels', classes),
  },
  'test_batch.bin': {
    test: ['test_batch.bin'],
    train: five('.bin'),
    coarse: false,
    classes: (folder) => linesOf(folder, 'batches.meta.txt'),
    images: (file, _, classes) => binary(file, { head: 1, at: 0 }, classes),
  },
  test: {
    test: ['test'],
    train: ['train'],
    coarse: true,
    classes: (folder, labels) => namesIn(folder, 'meta', `${labels}_label_names`),
    images: (file, labels, classes) => pickled(file, `${labels}_labels`, classes),
  },
  'test.bin': {
    test: ['test.bin'],
    train: ['train.bin'],
    coarse: true,
    classes: (folder, labels) => linesOf(folder, `${labels}_label_names.txt`),
    images: (file, labels, classes) => binary(file, { head: 2, at: labels === 'coarse' ? 0 : 1 }, classes),
  },
};

const invalid = (message: string, fix: string) => new FaroutError('OOD_DATASET_INVALID', message, { fix });

async function kindOf(folder: string): Promise<Kind> {
  const names = await readdir(folder);
  const found = Object.keys(kinds).find((name) => names.includes(name));
  if (found !== undefined) return kinds[found]!;
  throw invalid(
    `${folder} contains neither ${Object.keys(kinds).join(' nor ')}, so it is not a CIFAR folder`,
    'Name the folder that the archive unpacks to, such as cifar-10-batches-py.',
  );
}

/** Bytes of an image: planes of red, green and blue. */
const imageBytes = 3072;
const layout = planes(32, 32);

const imageAt = (file: PackedFile, index: number, offset: number, label: number): DatasetImage => ({
  id: `${file.name}:${index}`,
  label,
  version: `cifar ${file.version} ${offset}`,
  read: async () => pixelsOf(await file.read(offset, imageBytes), layout),
});

/** Reads records of labels, one byte each, followed by the image. */
async function binary(
  file: PackedFile,
  { head, at }: { readonly head: number; readonly at: number },
  classes: number,
): Promise<DatasetImage[]> {
  const record = head + imageBytes;
  if (file.size === 0 || file.size % record !== 0)
    throw file.refusal(`its ${file.size} bytes are not a whole number of records of ${record}`);
  return file.during(async () => {
    const images: DatasetImage[] = [];
    for (let index = 0; index < file.size / record; index++) {
      const start = index * record;
      const label = (await file.read(start + at, 1))[0]!;
      images.push(imageAt(file, index, start + head, labelIn(file, index, label, classes)));
    }
    return images;
  });
}

/** Reads a pickled dictionary with an array of images and a list of labels. */
function pickled(file: PackedFile, key: string, classes: number): DatasetImage[] {
  const batch = readPickledDictionary(file.path);
  const [data, labels] = [batch.get('data'), batch.get(key)];
  if (!isPlace(data) || data.shape.length !== 2 || data.shape[1] !== imageBytes)
    throw file.refusal(`it has no array "data" of images (N, ${imageBytes})`);
  const [count = 0] = data.shape;
  if (!Array.isArray(labels) || labels.length !== count)
    throw file.refusal(`it has no list "${key}" of ${count} labels`);
  return (labels as readonly unknown[]).map((label, index) =>
    imageAt(file, index, data.start + index * imageBytes, labelIn(file, index, label, classes)),
  );
}

const isPlace = (value: PickledValue | undefined): value is PickledPlace =>
  typeof value === 'object' && !Array.isArray(value);

function labelIn(file: PackedFile, index: number, label: unknown, classes: number): number {
  if (Number.isInteger(label) && (label as number) >= 0 && (label as number) < classes) return label as number;
  throw file.refusal(`image ${index} has the label ${String(label)}, but ${classes} classes are named`);
}

function namesIn(folder: string, name: string, key: string): string[] {
  const path = resolve(folder, name);
  const names = readPickledDictionary(path).get(key);
  if (Array.isArray(names) && names.length > 1 && names.every((each) => typeof each === 'string' && each !== ''))
    return names as string[];
  throw invalid(`${path} has no list "${key}" of names`, 'Extract the file from the archive again.');
}

/** Reads names, one per line. */
async function linesOf(folder: string, name: string): Promise<string[]> {
  const path = resolve(folder, name);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FaroutError('OOD_DATASET_INVALID', `${path} cannot be read`, {
      fix: 'It is part of the archive, and has the names of the classes.',
      cause,
    });
  });
  const names = text.split(/\r?\n/).filter((line) => line !== '');
  if (names.length > 1) return names;
  throw invalid(`${path} names no classes`, 'Extract the file from the archive again.');
}
