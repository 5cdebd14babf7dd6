import { createReadStream } from 'node:fs';
import type { Transform } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import type { PackedFile } from './packed-file.ts';

/** Where something packed lies in a file, and how. */
export interface PackedStretch {
  readonly file: PackedFile;
  readonly offset: number;
  readonly length: number;
  /** zlib's format, or gzip's. */
  readonly as: 'zlib' | 'gzip';
}

/** So much of what was unpacked last is held: images are asked for in their order, but several at a time. */
const heldBytes = 2 ** 23;

/**
 * What unpacks from a stretch of a file, read from its beginning to its end. Reading goes on where it ended; what lies before that and is
 * held no more is unpacked again from the beginning.
 */
export class Unpacked {
  readonly #stretch: PackedStretch;
  #stream: { readonly pieces: AsyncIterator<Buffer, undefined>; readonly close: () => void } | undefined;
  /** The pieces that are held, in their order, and where the first begins and the last ends. */
  #pieces: Buffer[] = [];
  #start = 0;
  #end = 0;
  /** One read after another. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(stretch: PackedStretch) {
    this.#stretch = stretch;
  }

  /**
   * `length` bytes from `offset` on, in memory of their own: no more than there are, for damaged sizes.
   *
   * @throws FaroutError OOD_DATASET_INVALID when it ends before, or is damaged.
   */
  read(offset: number, length: number): Promise<Buffer> {
    const reading = this.#last.then(() => this.#read(offset, length));
    this.#last = reading.catch(() => undefined);
    return reading;
  }

  /** Lets go of what is held, and of the file. */
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

  /** What is held from a place on, at most so much of it, copied. */
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
