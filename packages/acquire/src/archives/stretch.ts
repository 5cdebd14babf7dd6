import type { FileHandle } from 'node:fs/promises';
import { pipeline, Readable, type Transform } from 'node:stream';

const piece = 1 << 20;

/** The bytes of a file from `start` to `end`, piece by piece; fewer if the file is shorter. The handle stays open. */
export async function* stretch(file: FileHandle, start: number, end = Infinity): AsyncGenerator<Buffer> {
  for (let at = start; at < end;) {
    const length = Math.min(piece, end - at);
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** Pipes bytes through a transform, such as decompression. Its errors are thrown to the reader. */
export const through = (bytes: AsyncIterable<Buffer>, transform: Transform): AsyncIterable<Buffer> =>
  pipeline(Readable.from(bytes, { objectMode: false }), transform, () => undefined) as AsyncIterable<Buffer>;
