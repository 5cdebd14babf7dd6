import type { Duplex } from 'node:stream';
import { deserialize, serialize } from 'node:v8';

/*
 * Messages between the service and its workers, over a dedicated socket. Node's message channel copies an image four times, which takes a
 * millisecond of CPU, a tenth of the time for the image itself. Here, bytes are sent directly from where HTTP received them.
 *
 * A frame: the lengths of head and body, 32 bits each, little-endian; the head, a structured clone; the body, bytes.
 */

const lengths = 8;

/** A head has names and numbers: more bytes are no message of ours. */
const mostOfHead = 2 ** 20;

/** Writes a message, with or without the bytes of an image. */
export function writeFrame(to: Duplex, message: unknown, body?: Uint8Array): void {
  const head = serialize(message);
  const start = Buffer.allocUnsafe(lengths);
  start.writeUInt32LE(head.length, 0);
  start.writeUInt32LE(body?.length ?? 0, 4);
  to.cork();
  to.write(start);
  to.write(head);
  if (body && body.length > 0) to.write(body);
  to.uncork();
}

/** Calls `receive` with each message that arrives, and its bytes; `failed` once, where something arrives that is none. */
export function readFrames(
  from: Duplex,
  receive: (message: unknown, body: Uint8Array) => void,
  failed: () => void,
): void {
  const reader = new FrameReader(receive);
  const take = (piece: Uint8Array) => {
    try {
      reader.take(piece);
    } catch {
      from.off('data', take);
      failed();
    }
  };
  from.on('data', take);
}

class FrameReader {
  readonly #receive: (message: unknown, body: Uint8Array) => void;
  /** The buffer being filled: the lengths, then head and body. */
  #wanted: Buffer = Buffer.allocUnsafe(lengths);
  #filled = 0;
  /** The length of the head; undefined while the lengths are read. */
  #head: number | undefined;

  constructor(receive: (message: unknown, body: Uint8Array) => void) {
    this.#receive = receive;
  }

  take(piece: Uint8Array): void {
    for (let at = 0; at < piece.length;) {
      const taken = Math.min(piece.length - at, this.#wanted.length - this.#filled);
      this.#wanted.set(piece.subarray(at, at + taken), this.#filled);
      at += taken;
      this.#filled += taken;
      if (this.#filled === this.#wanted.length) this.#next();
    }
  }

  #next(): void {
    const [whole, head] = [this.#wanted, this.#head];
    this.#filled = 0;
    if (head === undefined) {
      this.#head = whole.readUInt32LE(0);
      if (this.#head > mostOfHead) throw new RangeError('this is not a frame');
      this.#wanted = Buffer.allocUnsafe(this.#head + whole.readUInt32LE(4));
      return;
    }
    this.#head = undefined;
    this.#wanted = Buffer.allocUnsafe(lengths);
    this.#receive(deserialize(whole.subarray(0, head)), whole.subarray(head));
  }
}
