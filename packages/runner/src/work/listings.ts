import path from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z, type DatasetDefinition, type DatasetImage, type Logger, type Store } from '@farout/core';
import type { Experiment, Part } from '../experiment.ts';
import type { ListedDataset } from '../extraction/look-up.ts';
import { chosenOf, openDataset } from '../prepare/datasets.ts';
import { hashData, sealed, unsealed } from '../store/entries.ts';
import { relativeTo } from './mark.ts';

const stretch = { offset: z.int().min(0).optional(), length: z.int().min(0).optional() };
const base = { id: z.string(), label: z.int().min(0).optional(), group: z.string().optional(), ...stretch };
const imageSchema = z.union([
  // Without a path, the id is the path.
  z.object({ ...base, path: z.string().optional(), url: z.undefined().optional() }),
  z.object({ ...base, url: z.string(), version: z.string() }),
]);
const listSchema = z.object({
  /** The parameter that contains the folder of all images; absent if no image is in a file. */
  below: z.string().optional(),
  classes: z.array(z.string()).optional(),
  images: z.array(imageSchema),
});

type ImageList = z.output<typeof listSchema>;
type DatasetPart = Part<DatasetDefinition>;

const [pack, unpack] = [promisify(gzip), promisify(gunzip)];

/** Anything larger is not a list. */
const mostBytes = 2 ** 30;

/**
 * Opens the datasets of an experiment from the lists in the store, and lists those without one. A list may be
 * outdated, because it is not compared with the files; it only decides what tasks read. Images added since are read
 * by the run, which lists the files itself; missing images are left out by both.
 */
export async function openListed(
  { file, datasets }: Pick<Experiment, 'file' | 'datasets'>,
  { store, logger }: { readonly store: Store; readonly logger: Logger },
): Promise<Map<string, ListedDataset>> {
  const opened = new Map<string, ListedDataset>();
  for (const [name, part] of datasets) {
    const listed = await readList(name, part, { file, store });
    if (listed) logger.info(`The images of "${name}" come from the list in the store: ${listed.images.length} images.`);
    opened.set(name, listed ?? (await openDataset(name, part)));
  }
  return opened;
}

/**
 * Writes the list of a dataset to the store, under a hash of its kind, code and parameters. Returns false if it has
 * images that are neither files below a folder named by a parameter nor at addresses: each task then lists it itself.
 */
export async function writeList(
  part: DatasetPart,
  { images, listing = images, classes }: ListedDataset,
  { file, store }: { readonly file: string; readonly store: Store },
): Promise<boolean> {
  const list = listOf(part, listing);
  if (!list) return false;
  await store.write(keyOf(part, file), await pack(sealed({ ...list, ...(classes && { classes }) })));
  return true;
}

async function readList(
  name: string,
  part: DatasetPart,
  { file, store }: { readonly file: string; readonly store: Store },
): Promise<ListedDataset | undefined> {
  const bytes = await store.read(keyOf(part, file));
  if (!bytes) return undefined;
  const text = await unpack(bytes, { maxOutputLength: mostBytes }).catch(() => Buffer.alloc(0));
  const { data } = listSchema.safeParse(unsealed(text));
  const images = data && imagesOf(data, part);
  if (!images) return undefined;
  return { ...(await chosenOf(name, part, images)), ...(data.classes && { classes: data.classes }) };
}

/** Paths are stored relative to a folder named by a parameter, which may be elsewhere on another host. */
function listOf({ params }: DatasetPart, images: readonly DatasetImage[]): ImageList | undefined {
  const below = Object.keys(params).find((name) => {
    const folder = params[name];
    const isIn = (image: DatasetImage) => !('path' in image) || image.path.startsWith(`${folder as string}${path.sep}`);
    return typeof folder === 'string' && path.isAbsolute(folder) && images.every(isIn);
  });
  const listed: ImageList['images'] = [];
  for (const image of images) {
    const { id, label, group } = image;
    const own = { id, ...(label !== undefined && { label }), ...(group !== undefined && { group }) };
    if ('url' in image) listed.push({ ...own, ...stretchIn(image), url: image.url, version: image.version });
    else if ('path' in image && below !== undefined) {
      const relative = path.relative(params[below] as string, image.path);
      listed.push({ ...own, ...stretchIn(image), ...(relative !== id && { path: relative }) });
    } else return undefined;
  }
  return { ...(below !== undefined && { below }), images: listed };
}

const stretchIn = ({ offset, length }: { readonly offset?: number; readonly length?: number }) => ({
  ...(offset !== undefined && { offset }),
  ...(length !== undefined && { length }),
});

/** Undefined for a list made with other parameters. */
function imagesOf({ below, images }: ImageList, { params }: DatasetPart): unknown[] | undefined {
  const folder = below === undefined ? undefined : params[below];
  if (folder !== undefined && typeof folder !== 'string') return undefined;
  return images.map((image) => {
    if (image.url !== undefined) return image;
    const { path: relative = image.id, ...rest } = image;
    return { ...rest, path: path.join(folder ?? '', relative) };
  });
}

const keyOf = ({ definition, origin, params }: DatasetPart, file: string): string =>
  `lists/${hashData([definition.name, origin, relativeTo(path.dirname(file), params)])}.json.gz`;
