import { createReadStream } from 'node:fs';
import type { Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import type { PackedFile } from './packed-file.ts';

/** A compressed range of a file. */
export interface PackedStretch {
  readonly file: PackedFile;
  readonly offset: number;
  readonly length: number;
  /** The format: zlib or gzip. */
  readonly as: 'zlib' | 'gzip';
}

/** How much of the most recently unpacked data is kept: images are requested in order, but several at a time. */
const heldBytes = 2 ** 23;

/**
 * The unpacked data of a range of a file, read sequentially. Reading continues where it stopped. Going back to data no longer kept unpacks the
 * range again from the beginning.
 */
export class Unpacked {
  readonly #stretch: PackedStretch;
  #stream: { readonly pieces: AsyncIterator<Buffer, undefined>; readonly close: () => void } | undefined;
  /** The kept pieces, in order, and where the first begins and the last ends. */
  #pieces: Buffer[] = [];
  #start = 0;
  #end = 0;
  /** Serializes reads. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(stretch: PackedStretch) {
    this.#stretch = stretch;
  }

  /**
   * Reads `length` bytes from `offset` into new memory. Allocates only as data arrives, in case sizes are damaged.
   *
   * @throws FaroutError OOD_DATASET_INVALID when the data ends too early or is damaged.
   */
  read(offset: number, length: number): Promise<Buffer> {
    const reading = this.#last.then(() => this.#read(offset, length));
    this.#last = reading.catch(() => undefined);
    return reading;
  }

  /** Releases the kept data and the file. */
  close(): void {
    this.#stream?.close();
    this.#stream = undefined;
    this.#pieces = [];
    this.#start = this.#end = 0;
  }

  async #read(offset: number, length: number): Promise<Buffer> {
    if (offset < this.#start || !this.#stream) this.close();
    this.#stream ??= await this.#open();
    const parts: Buffer[] = [];
    for (let at = offset; at < offset + length;) {
      const part = this.#heldFrom(at, offset + length - at);
      if (part) {
        parts.push(part);
        at += part.length;
      } else await this.#advance(at);
    }
    return Buffer.concat(parts);
  }

  /** A copy of the kept data from a position, at most `most` bytes. */
  #heldFrom(at: number, most: number): Buffer | undefined {
    let start = this.#start;
    for (const piece of this.#pieces) {
      if (at < start + piece.length) return Buffer.from(piece.subarray(at - start, at - start + most));
      start += piece.length;
    }
    return undefined;
  }

  async #advance(wanted: number): Promise<void> {
    const { file } = this.#stretch;
    const next = await this.#stream!.pieces.next().catch((cause: unknown) => {
      this.close();
      throw file.refusal(`its compressed content is damaged (${(cause as Error).message})`, { cause });
    });
    if (next.done) {
      const end = this.#end;
      this.close();
      throw file.refusal(`its uncompressed content ends at byte ${end}, but byte ${wanted} was requested`);
    }
    this.#pieces.push(next.value);
    this.#end += next.value.length;
    while (this.#end - this.#start - this.#pieces[0]!.length >= heldBytes) this.#start += this.#pieces.shift()!.length;
  }

  async #open() {
    const { file, offset, length, as } = this.#stretch;
    await file.assertSame();
    const source = createReadStream(file.path, { start: offset, end: offset + length - 1 });
    const unpacking: Transform = as === 'gzip' ? createGunzip() : createInflate();
    source.on('error', (error) => unpacking.destroy(error));
    const close = () => {
      source.destroy();
      unpacking.destroy();
    };
    return { pieces: source.pipe(unpacking)[Symbol.asyncIterator]() as AsyncIterator<Buffer, undefined>, close };
  }
}
