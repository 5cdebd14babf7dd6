import path from 'node:path';
import { FaroutError, schemeOf, servedSchemes, type DatasetImage, type ImageFile, type Stretch } from '@farout/core';
import { describeValue } from '../plugins/describe-value.ts';
import { hashData } from '../store/entries.ts';
import { isWebAddress } from './fetch-image.ts';
import { checkPixels, contentHash } from './read-image.ts';

/**
 * A hash that identifies an image before it is read: of its id with the end of its path, or of its version, each with
 * its byte range; or of its pixels. The same dataset may lie at different paths on different hosts, so only the end
 * of the path counts; two parent folders distinguish sets whose images have the same names. Hashing also keeps folder
 * names out of a shared store.
 */
export function hashOfImage(image: DatasetImage): string {
  if ('pixels' in image) return hashData(['pixels', contentHash(image.pixels)]);
  if ('path' in image) return hashData(['file', image.id, endOf(image), ...stretchOf(image)]);
  if ('row' in image) return hashData(['row', image.id]);
  return hashData(['version', image.version, ...('url' in image ? stretchOf(image) : [])]);
}

/** As many path segments as the image's id has, plus two folders. */
const endOf = ({ path: file, id }: Pick<ImageFile, 'path' | 'id'>): string =>
  file
    .split(path.sep)
    .slice(-(id.split('/').length + 2))
    .join('/');

/** The byte range of an image in its file; empty if it is the whole file. */
export const stretchOf = ({ offset = 0, length }: Stretch): readonly (number | null)[] =>
  offset === 0 && length === undefined ? [] : [offset, length ?? null];

/**
 * Checks the images that a dataset lists, possibly in plain JavaScript. Returns copies, so that later changes to the
 * originals have no effect.
 *
 * @throws FaroutError OOD_DATASET_INVALID naming the dataset and the first image that breaks the contract.
 */
export function checkImages(dataset: string, images: unknown): readonly DatasetImage[] {
  if (!Array.isArray(images)) throw fault(dataset, 'does not return a list of images');
  if (images.length === 0)
    throw fault(dataset, 'has no images', 'Check its path, and the kinds of files that it reads.');
  const ids = new Set<string>();
  // Array.from also visits the holes of a sparse array.
  return Array.from(images as unknown[], (image, index) => {
    const checked = checkImage(dataset, image ?? {}, index);
    if (ids.has(checked.id)) throw fault(dataset, `has two images called "${checked.id}"`);
    ids.add(checked.id);
    return checked;
  });
}

type Members = Partial<Record<string, unknown>>;

function checkImage(dataset: string, image: Members, index: number): DatasetImage {
  const { id, label, group } = image;
  if (typeof id !== 'string' || id === '') throw fault(dataset, `has an image without an id, number ${index}`);
  const refuse = (what: string) => fault(dataset, `gives the image "${id}" ${what}`);
  if (label !== undefined && !(Number.isInteger(label) && (label as number) >= 0)) {
    throw refuse(`the label ${JSON.stringify(label)}, expected 0, 1, … or none`);
  }
  if (group !== undefined && (typeof group !== 'string' || group === ''))
    throw refuse(`the group ${describeValue(group)}, expected a name or none`);
  const base = {
    id,
    ...(label !== undefined && { label: label as number }),
    ...(group !== undefined && { group }),
  };
  try {
    return { ...base, ...placeOf(image) };
  } catch (error) {
    throw refuse((error as Error).message);
  }
}

/** Each kind of image, by the property that only it has. */
const kinds = {
  path: ({ path: file, ...image }: Members) => {
    if (typeof file === 'string' && path.isAbsolute(file)) return { path: file, ...checkStretch(image) };
    throw new Error(`a path that is not absolute: ${JSON.stringify(file)}`);
  },
  url: ({ url, version, ...image }: Members) => {
    if (typeof url !== 'string' || !URL.canParse(url) || !(isWebAddress(new URL(url)) || isStored(url)))
      throw new Error('an address that is not http or https, or contains a user name or a password');
    return { url, version: checkVersion('an address', version), ...checkStretch(image) };
  },
  pixels: ({ pixels }: Members) => {
    try {
      return { pixels: checkPixels(pixels) };
    } catch (error) {
      throw new Error(`no pixels: ${(error as Error).message}`, { cause: error });
    }
  },
  row: ({ row }: Members) => {
    if (Number.isSafeInteger(row) && (row as number) >= 0) return { row: row as number };
    throw new Error(`the row ${describeValue(row)}, expected 0, 1, …`);
  },
  read: (image: Members) => {
    if (typeof image.read !== 'function')
      throw new Error(`a read that is not a function: ${describeValue(image.read)}`);
    const source = image as { readonly read: () => Promise<Uint8Array> };
    return { version: checkVersion('read()', image.version), read: () => source.read() };
  },
} as const;

/** Whether a plugin serves the address. */
const isStored = (url: string) => servedSchemes().includes(schemeOf(url) ?? '');

function placeOf(image: Members): ReturnType<(typeof kinds)[keyof typeof kinds]> {
  const given = (Object.keys(kinds) as (keyof typeof kinds)[]).filter((kind) => image[kind] !== undefined);
  const [kind, other] = given;
  if (kind === undefined) throw new Error('no path, address, pixels, read() or row');
  if (other !== undefined) throw new Error(`both ${kind} and ${other}`);
  return kinds[kind](image);
}

function checkVersion(what: string, version: unknown): string {
  if (typeof version === 'string' && version !== '') return version;
  throw new Error(`${what} without a version`);
}

function checkStretch({ offset, length }: Members): Stretch {
  for (const [name, value] of Object.entries({ offset, length })) {
    if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0)) continue;
    throw new Error(`the ${name} ${describeValue(value)}, expected a whole number of bytes, 0 or more`);
  }
  const [first, count] = [offset as number | undefined, length as number | undefined];
  if (!Number.isSafeInteger((first ?? 0) + (count ?? 0)))
    throw new Error('an offset and length beyond the largest exact integer');
  return { ...(first !== undefined && { offset: first }), ...(count !== undefined && { length: count }) };
}

const fault = (dataset: string, what: string, fix?: string) =>
  new FaroutError('OOD_DATASET_INVALID', `the dataset "${dataset}" ${what}`, fix === undefined ? {} : { fix });
