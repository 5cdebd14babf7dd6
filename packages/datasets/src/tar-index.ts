import { tarEntries, type TarBytes } from '@farout/archives';
import type { FaroutError } from '@farout/core';
import type { PackedBytes } from './packed-file.ts';

/** A file or a folder within a tar. */
export interface TarEntry {
  /** With forward slashes, without leading `./` and trailing `/`. */
  readonly name: string;
  readonly folder: boolean;
  /** The position of its content in the archive. */
  readonly offset: number;
  readonly length: number;
}

/** The contents of a tar, in order. */
export interface TarIndex {
  readonly entries: readonly TarEntry[];
  /** The names of links, devices and other entries that are neither files nor folders. */
  readonly others: readonly string[];
}

/** ImageNet's training set has 1.3 million; more would fill memory. */
const mostEntries = 5_000_000;
const mostNameBytes = 2 ** 12;

/**
 * Reads the headers of a tar (ustar, pax, GNU) in a range of a file; default: the whole file. Nothing is unpacked: an entry is described by its
 * position.
 *
 * @throws FaroutError OOD_DATASET_INVALID when it is not a tar or is damaged; a file extends past its end, is sparse, or has a duplicate name or
 *   one that leads out of the archive; or there are more than five million entries.
 */
export async function indexTar(
  file: Pick<PackedBytes, 'size' | 'read' | 'refusal'>,
  { offset: start = 0, length = file.size }: { readonly offset?: number; readonly length?: number } = {},
): Promise<TarIndex> {
  const entries: TarEntry[] = [];
  const others: string[] = [];
  const names = new Set<string>();
  for await (const entry of tarEntries(new Stretch(file, start, length), (message) => file.refusal(message))) {
    const { kind, size } = entry;
    if (kind === 'sparse file')
      throw file.refusal('it has a sparse file, whose holes are omitted', { fix: 'Pack it again without --sparse.' });
    const offset = start + entry.offset;
    if (entry.offset + size > length)
      throw file.refusal(`${JSON.stringify(entry.name)} would end beyond the archive, at byte ${offset + size}`);
    const name = checkedName(file, entry.name);
    if (kind === 'folder') {
      const folder = name.replace(/\/+$/, '');
      if (folder !== '') entries.push({ name: folder, folder: true, offset, length: 0 });
    } else if (kind !== 'file') others.push(name);
    else {
      if (names.has(name)) throw file.refusal(`it has "${name}" twice`, { fix: 'Pack it again without duplicates.' });
      names.add(name);
      entries.push({ name, folder: false, offset, length: size });
    }
    if (entries.length + others.length > mostEntries) throw file.refusal(`it has more than ${mostEntries} entries`);
  }
  return { entries, others };
}

/** The range of a file that is a tar. Some tars do not end with zeros. */
class Stretch implements TarBytes {
  readonly #file: Pick<PackedBytes, 'read'>;
  readonly #start: number;
  readonly #length: number;
  #at = 0;

  constructor(file: Pick<PackedBytes, 'read'>, start: number, length: number) {
    this.#file = file;
    this.#start = start;
    this.#length = length;
  }

  async take(length: number): Promise<Buffer | undefined> {
    const at = this.#at;
    this.#at += length;
    return this.#at > this.#length ? undefined : this.#file.read(this.#start + at, length);
  }

  moveTo(place: number): void {
    this.#at = place;
  }
}

/** A name without leading `./`. @throws FaroutError for a name that leads out of the archive or is unsafe to print in a terminal. */
export function checkedName(file: Pick<PackedBytes, 'refusal'>, name: string): string {
  const short = name.replace(/^(?:\.\/)+/, '').replaceAll(/\/{2,}/g, '/');
  const steps = short.split('/');
  const leadsOut = short.startsWith('/') || steps.includes('..') || /^[A-Za-z]:/.test(short);
  const isOdd = /[\u0000-\u001f\u007f\\]/.test(short) || Buffer.byteLength(short) > mostNameBytes;
  if (!leadsOut && !isOdd && !steps.slice(0, -1).includes('.')) return short === '.' ? '' : short;
  const shown = JSON.stringify(short.slice(0, 80));
  throw refusedName(file, `the name ${shown} ${leadsOut ? 'points outside the archive' : 'is not a valid file name'}`);
}

const refusedName = (file: Pick<PackedBytes, 'refusal'>, what: string): FaroutError =>
  file.refusal(what, { fix: 'Do not use such an archive; pack the images again from their folder.' });
