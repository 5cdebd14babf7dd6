import { isUtf8 } from 'node:buffer';
import { FaroutError, z, type ImageAddress, type ImageFile } from '@farout/core';
import { indexText, keptIndex, parseIndex, plainTar } from './archive-cache.ts';
import type { PackedBytes } from './packed-file.ts';
import { StoredFile } from './stored-file.ts';
import { isStored } from './stored-images.ts';
import { checkedName, indexTar, type TarEntry, type TarIndex } from './tar-index.ts';

/** An opened tar: its index, and where to read its files. */
export interface OpenedTar {
  readonly file: PackedBytes;
  readonly index: TarIndex;
  readonly placeOf: (entry: TarEntry) => Omit<ImageFile, 'id'> | Omit<ImageAddress, 'id'>;
}

/**
 * Opens a local tar or one in a storage.
 *
 * @throws FaroutError OOD_DATASET_INVALID as `indexTar`, and for a compressed tar in a storage.
 */
export async function openTar(path: string): Promise<OpenedTar> {
  if (isStored(path)) return openStoredTar(await StoredFile.open(path));
  const file = await plainTar(path);
  const index = await keptIndex(file, 'tar', () => file.during(() => indexTar(file)));
  return { file, index, placeOf: ({ offset, length }) => ({ path: file.path, offset, length }) };
}

/**
 * Opens a tar in a storage. Its index is read from `<name>.index` next to it. If there is none, the first reader of all
 * headers writes it, if permitted.
 *
 * @throws FaroutError OOD_DATASET_INVALID.
 */
export async function openStoredTar(file: StoredFile): Promise<OpenedTar> {
  const { version } = file.entry;
  return {
    file,
    index: (await besideIndex(file)) ?? (await madeIndex(file)),
    placeOf: ({ offset, length }) => ({ url: file.path, version, offset, length }),
  };
}

const indexKey = ({ entry }: StoredFile) => `${entry.key}.index`;

/** The header of the index, which identifies its tar. */
const headSchema = z.strictObject({ tar: z.string(), size: z.number() });

/** Undefined if there is none, or it belongs to other bytes, such as a previous tar of that name. */
async function besideIndex(file: StoredFile): Promise<TarIndex | undefined> {
  const bytes = await file.storage.read(indexKey(file));
  if (!bytes || !isUtf8(bytes)) return undefined;
  const text = Buffer.from(bytes).toString('utf8');
  const end = text.indexOf('\n') + 1;
  const { data: head } = headSchema.safeParse(jsonOf(text.slice(0, end)));
  const isOfIt = head?.tar === file.entry.version && head.size === file.size;
  const index = isOfIt ? parseIndex(text.slice(end)) : undefined;
  return index?.entries.every((entry) => isWithin(entry, file)) ? index : undefined;
}

/** Anyone with write access may have written anything. */
function isWithin({ name, folder, offset, length }: TarEntry, file: StoredFile): boolean {
  const isPlace = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  return isPlace && isName(file, name) && (folder || offset + length <= file.size);
}

function isName(file: StoredFile, name: string): boolean {
  try {
    return checkedName(file, name) === name;
  } catch {
    return false;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function madeIndex(file: StoredFile): Promise<TarIndex> {
  const begins = file.size < 2 ? '' : (await file.read(0, 2)).toString('latin1');
  if (begins === '\x1f\x8b')
    throw file.refusal('it is compressed with gzip, so parts of it cannot be read separately', {
      fix: 'Store the uncompressed .tar instead.',
    });
  const index = await keptIndex(file, 'tar', () => indexTar(file));
  const head = JSON.stringify({ tar: file.entry.version, size: file.size } satisfies z.output<typeof headSchema>);
  try {
    await file.storage.write(indexKey(file), Buffer.from(`${head}\n${indexText(index)}`));
  } catch (error) {
    // Without write access, the index is cached locally.
    if (!(error instanceof FaroutError && error.code === 'OOD_STORAGE_REFUSED')) throw error;
  }
  return index;
}
