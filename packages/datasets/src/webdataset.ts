import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineDataset, FaroutError, folderPath, storageAt, z, type DatasetImage } from '@farout/core';
import { kindByName } from './image-files.ts';
import { limit } from './limit.ts';
import { sortByBytes } from './name-lists.ts';
import { openStoredTar, openTar, type OpenedTar } from './opened-tar.ts';
import type { PackedBytes } from './packed-file.ts';
import { StoredFile } from './stored-file.ts';
import { isStored, pagesOf } from './stored-images.ts';
import type { TarEntry } from './tar-index.ts';

/**
 * WebDataset shards: tars in which files of one name with different extensions form a sample, such as `000017.jpg` and `000017.cls`. Images are
 * read in place, shards in the order of their names, samples in the order of the shard. An image id is `<shard>/<file>`.
 *
 * @throws FaroutError OOD_DATASET_INVALID when there is no shard or no image, a shard is damaged, or a sample has two images or no label.
 */
export const webdataset = defineDataset({
  name: 'webdataset',
  about: { summary: 'WebDataset shards: tars of images with label files.' },
  params: z.object({
    folder: folderPath({ storages: true }).describe(
      'the folder of the shards: .tar, .tar.gz or .tgz; or the address of .tar files in a storage',
    ),
    prefix: z.string().min(1).optional().describe('only shards whose names start with this: imagenet1k-validation-'),
    image: z.string().min(1).optional().describe('extension of the images: jpg; default: every image'),
    label: z
      .string()
      .min(1)
      .optional()
      .describe(
        'extension of the files with the class, an integer as text: cls; or json:label, a key of a JSON file. Without it, images have no labels',
      ),
    limit: limit(),
  }),
  open: async ({ folder, prefix = '', image, label, limit = Infinity }) => {
    const images: DatasetImage[] = [];
    const shards = await (isStored(folder) ? storedShardsIn(folder, prefix) : shardsIn(folder, prefix));
    for (const [name, open] of shards) {
      if (images.length >= limit) break;
      for (const each of await imagesOf(await open(), name, { image, label })) images.push(each);
    }
    if (images.length > 0) return { images: images.slice(0, limit) };
    throw invalid(
      `the shards in ${folder} contain no images`,
      'Check "image": it must be the extension of the images, without the dot.',
    );
  },
});

const invalid = (message: string, fix: string) => new FaroutError('OOD_DATASET_INVALID', message, { fix });

/** A shard: its name, and a function that opens it. */
type Shard = readonly [name: string, open: () => Promise<OpenedTar>];

async function shardsIn(folder: string, prefix: string): Promise<readonly Shard[]> {
  const names = await readdir(folder);
  const shards = names.filter((name) => name.startsWith(prefix) && /\.(?:tar|tar\.gz|tgz)$/.test(name));
  if (shards.length === 0) throw noShard(folder, prefix);
  return sortByBytes(shards).map((name) => [name, () => openTar(resolve(folder, name))]);
}

/** The shards directly below an address, not in subfolders. */
async function storedShardsIn(root: string, prefix: string): Promise<readonly Shard[]> {
  const storage = await storageAt(root);
  const files: StoredFile[] = [];
  for await (const page of pagesOf(storage, prefix))
    for (const entry of page) if (/^[^/]+\.tar$/.test(entry.key)) files.push(new StoredFile(storage, root, entry));
  if (files.length === 0) throw noShard(root, prefix);
  return files.map((file) => [file.name, () => openStoredTar(file)]);
}

const noShard = (folder: string, prefix: string) =>
  invalid(`${folder} has no shard ${prefix}….tar`, 'Name the folder that contains the .tar files.');

interface Wanted {
  readonly image: string | undefined;
  readonly label: string | undefined;
}

/** The files of a sample by extension, which begins at the first dot of the name. */
type Sample = Map<string, TarEntry>;

async function imagesOf(
  { file, index, placeOf }: OpenedTar,
  shard: string,
  { image, label }: Wanted,
): Promise<DatasetImage[]> {
  const read = label === undefined ? undefined : labelReader(file, label);
  return file.during(async () => {
    const images: DatasetImage[] = [];
    for (const [key, sample] of samplesOf(index.entries)) {
      const found = [...sample].filter(([extension]) =>
        image === undefined ? kindByName(`x.${extension}`) === 'image' : extension === image,
      );
      const [one, another] = found.map(([, entry]) => entry);
      if (one === undefined) continue;
      if (another)
        throw file.refusal(`"${key}" has several images`, { fix: 'Choose the extension, such as image: jpg.' });
      images.push({
        id: `${shard}/${one.name}`,
        ...(read && (await read(key, sample))),
        ...placeOf(one),
      });
    }
    return images;
  });
}

function samplesOf(entries: readonly TarEntry[]): Map<string, Sample> {
  const samples = new Map<string, Sample>();
  for (const entry of entries) {
    const start = entry.name.lastIndexOf('/') + 1;
    const dot = entry.name.indexOf('.', start);
    // A hidden file is not a sample.
    if (entry.folder || dot <= start) continue;
    const [key, extension] = [entry.name.slice(0, dot), entry.name.slice(dot + 1)];
    const sample = samples.get(key);
    if (sample) sample.set(extension, entry);
    else samples.set(key, new Map([[extension, entry]]));
  }
  return samples;
}

/** Limit for the size of a label file. */
const mostLabelBytes = 2 ** 16;

/** Returns a function that reads the class of a sample; −1 means unknown. */
function labelReader(file: PackedBytes, label: string) {
  const [extension = '', ...keys] = label.split(':');
  return async (key: string, sample: Sample): Promise<{ label?: number }> => {
    const entry = sample.get(extension);
    const lacks = (what: string) => file.refusal(`"${key}" ${what}`, { fix: 'Check "label": cls, or json:label.' });
    if (!entry) throw lacks(`has no ${extension}`);
    if (entry.length > mostLabelBytes) throw lacks(`has ${entry.length} bytes of ${extension}, too many for a label`);
    const text = (await file.read(entry.offset, entry.length)).toString('utf8');
    const value = keys.length === 0 ? text.trim() : memberOf(text, keys);
    const number = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value;
    if (Number.isInteger(number) && (number as number) >= -1) return number === -1 ? {} : { label: number as number };
    throw lacks(`has the label ${JSON.stringify(value ?? null).slice(0, 40)}, expected 0, 1, … or −1 for unknown`);
  };
}

function memberOf(text: string, keys: readonly string[]): unknown {
  try {
    return keys.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], JSON.parse(text));
  } catch {
    return undefined;
  }
}
