import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import {
  addressOfEntry,
  decodeText,
  FaroutError,
  isAddress,
  type DatasetFault,
  type ImageAddress,
  type ImageFile,
  type StoredEntry,
} from '@farout/core';
import { isBelow, KnownFiles } from './image-files.ts';
import type { ListLine } from './list-lines.ts';
import { isStored, storedEntries } from './stored-images.ts';

/**
 * Reads the text of a list.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it cannot be read or is not UTF-8.
 */
export async function readList(list: string): Promise<string> {
  const bytes = await readFile(list).catch((cause: unknown) => {
    throw invalid(`the list ${list} cannot be read`, 'Name a readable text file.', cause);
  });
  const decoded = decodeText(bytes);
  if ('text' in decoded) return decoded.text;
  throw invalid(`the list ${list} ${decoded.fault}`, decoded.fix);
}

const invalid = (message: string, fix: string, cause?: unknown) =>
  new FaroutError('OOD_DATASET_INVALID', message, { fix, cause });

/** A problem with a line. */
export interface LineFault {
  readonly fault: DatasetFault['kind'];
  readonly what: string;
  /** The missing file. */
  readonly missing?: string;
}

/** Labels of a fit set are stored as signed 32-bit integers. */
const largestLabel = 2 ** 31 - 1;

const wrong = (fault: LineFault['fault'], what: string): LineFault => ({ fault, what });

/**
 * Returns a function that turns each line into an image, or into a fault.
 *
 * @param root - A folder, or an http, https or storage address.
 * @param release - For images at addresses: the name of their current content.
 * @param stored - For a storage: its entries for the lines, see `storedLines`.
 */
export function lineChecker(
  root: string,
  release = '',
  stored?: ReadonlyMap<string, StoredEntry>,
): (line: ListLine) => Promise<ImageFile | ImageAddress | LineFault> {
  const files = new KnownFiles();
  const lineOf = new Map<string, number>();
  return async ({ line, name, label = -1, group }) => {
    if (group === '') return wrong('layout', 'the field that names the group is missing');
    if (name === '') return wrong('layout', 'there is a group but no path');
    if (label < -1 || label > largestLabel)
      return wrong('label', `the label ${label} is neither a class, 0 or more, nor -1`);
    const place = stored ? storedOf(name, root, stored) : await placeOf(name, { root, release, files });
    if ('fault' in place) return place;
    const before = lineOf.get(place.id);
    if (before !== undefined) return wrong('layout', `"${name}" is listed twice, first in line ${before}`);
    lineOf.set(place.id, line);
    return { ...place, ...(label >= 0 && { label }), ...(group && { group }) };
  };
}

interface Surroundings {
  readonly root: string;
  readonly release: string;
  readonly files: KnownFiles;
}

async function placeOf(
  name: string,
  { root, release, files }: Surroundings,
): Promise<ImageFile | ImageAddress | LineFault> {
  if (isStored(name)) return wrong('layout', 'put the address of a storage into "root", not into a line');
  return isAddress(name) || isAddress(root) ? addressOf(name, root, release) : fileOf(name, resolve(root), files);
}

/** The entries that a storage has for the lines of a list; undefined if the root is not in a storage. */
export const storedLines = async (
  root: string,
  lines: readonly ListLine[],
): Promise<ReadonlyMap<string, StoredEntry> | undefined> =>
  isStored(root)
    ? storedEntries(
        root,
        lines.map(({ name }) => name).filter((name) => name !== ''),
      )
    : undefined;

function storedOf(name: string, root: string, stored: ReadonlyMap<string, StoredEntry>): ImageAddress | LineFault {
  const entry = stored.get(name);
  if (!entry) return { ...wrong('missing', `"${name}" is not an entry in ${root}`) };
  return { id: name, url: addressOfEntry(root, name), version: entry.version };
}

async function fileOf(name: string, root: string, files: KnownFiles): Promise<ImageFile | LineFault> {
  const path = resolve(root, name);
  if (!isBelow(root, path)) return wrong('layout', `"${name}" points outside ${root}`);
  if (!(await files.has(path))) return { ...wrong('missing', `"${name}" is not a file in ${root}`), missing: path };
  return { id: relative(root, path).replaceAll(sep, '/'), path };
}

/** Messages and ids omit the query, which may be a signature. */
function addressOf(name: string, root: string, release: string): ImageAddress | LineFault {
  const relativeTo = isAddress(name) ? undefined : root.replace(/\/*$/, '/');
  // In a path every character is literal; in an address some have a meaning.
  const written = relativeTo === undefined ? name : name.split('/').map(encodeURIComponent).join('/');
  if (!URL.canParse(written, relativeTo)) return wrong('layout', 'this is not a valid address');
  const url = new URL(written, relativeTo);
  if (url.username !== '' || url.password !== '')
    return wrong('layout', `the address of ${url.host} contains a user name or a password`);
  if (relativeTo !== undefined && !url.href.startsWith(new URL(relativeTo).href))
    return wrong('layout', `"${name}" points outside ${relativeTo}`);
  const version = createHash('sha256')
    .update(JSON.stringify([url.origin, url.pathname, url.search, release]))
    .digest('hex');
  const id = relativeTo === undefined ? `${url.host}${url.pathname}` : name;
  return { id, url: url.href, version: `address ${version}` };
}
