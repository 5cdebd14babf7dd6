import { tarEntries, type TarBytes } from '@farout/archives';
import { refusal } from './names.ts';

/** A file or a folder in an archive. */
export interface ArchiveEntry {
  /** As written in the archive. */
  readonly name: string;
  readonly isFolder: boolean;
  readonly size: number;
  /** Exactly `size` bytes; must be read to the end before the next entry. */
  readonly content: AsyncIterable<Uint8Array>;
}

/**
 * Yields the entries of a tar in order. Refuses everything else a tar can contain: links, devices, sparse files, and data after the end.
 *
 * @throws FaroutError OOD_ARCHIVE_REFUSED
 */
export async function* readTar(archive: string, bytes: AsyncIterable<Buffer>): AsyncGenerator<ArchiveEntry> {
  const refuse = (message: string) => refusal(archive, message);
  const stream = new TarStream(bytes, refuse);
  for await (const { name, kind, size } of tarEntries(stream, refuse)) {
    if (kind === 'entry of an unknown type') throw refuse(`it contains an ${kind}`);
    if (kind !== 'file' && kind !== 'folder') throw refuse(`it contains a ${kind}`);
    yield { name, isFolder: kind === 'folder', size, content: stream.content(size) };
  }
  await stream.onlyZeros();
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

/** The bytes of a tar from a stream, which must not end early. */
class TarStream implements TarBytes {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #refuse: (message: string) => Error;
  #rest: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(bytes: AsyncIterable<Buffer>, refuse: (message: string) => Error) {
    this.#chunks = bytes[Symbol.asyncIterator]();
    this.#refuse = refuse;
  }

  async take(length: number): Promise<Buffer> {
    const first = await this.#more(length);
    if (first.length === length) return first;
    const parts = [first];
    for (let missing = length - first.length; missing > 0; missing -= parts.at(-1)!.length)
      parts.push(await this.#more(missing));
    return Buffer.concat(parts);
  }

  async moveTo(place: number): Promise<void> {
    while (this.#at < place) await this.#more(place - this.#at);
  }

  async *content(size: number): AsyncGenerator<Buffer> {
    for (const end = this.#at + size; this.#at < end;) yield await this.#more(end - this.#at);
  }

  async onlyZeros(): Promise<void> {
    for (let part = await this.#some(Infinity); part.length > 0; part = await this.#some(Infinity))
      if (!isZero(part)) throw this.#refuse('it has data after its end');
  }

  /** At least one and at most `most` bytes. */
  async #more(most: number): Promise<Buffer> {
    const taken = await this.#some(most);
    if (taken.length === 0) throw this.#refuse('it is truncated');
    return taken;
  }

  /** Like `#more`, but empty at the end. */
  async #some(most: number): Promise<Buffer> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return Buffer.alloc(0);
      this.#rest = next.value;
    }
    const taken = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(taken.length);
    this.#at += taken.length;
    return taken;
  }
}
