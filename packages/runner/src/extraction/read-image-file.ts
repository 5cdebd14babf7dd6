import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { FaroutError } from '@farout/core/errors';

/** More bytes than an image of the most pixels that are decoded (179 million) can need uncompressed, at 4 a pixel. */
const mostBytes = 2 ** 30;

/** Where the system has no such flag, it has no fifos among its files either. */
const notBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * The bytes of an image file. What is no file (a folder, a fifo that nobody writes into, a device without end) is not
 * waited for.
 *
 * @throws FaroutError OOD_IMAGE_UNREADABLE for what is no file or has more than 1 GiB; the system's error when it cannot
 *   be opened or read.
 */
export const readImageFile = (path: string): Promise<Uint8Array> => withFile(path, (handle) => handle.readFile());

/** The SHA-256 of an image file, of which never more than a piece is in memory. Throws as `readImageFile` does. */
export const hashImageFile = (path: string): Promise<string> =>
  withFile(path, async (handle, size) => {
    const hash = createHash('sha256');
    // A file may have grown since: what is read counts, not the size.
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, size + 1));
    for (;;) {
      const { bytesRead } = await handle.read(piece, 0, piece.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(piece.subarray(0, bytesRead));
    }
  });

const pieceBytes = 2 ** 17;

async function withFile<T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  const handle = await open(path, notBlocking);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw unreadable('it is no file');
    if (stats.size > mostBytes) throw unreadable('the file is larger than 1 GiB');
    return await use(handle, stats.size);
  } finally {
    await handle.close();
  }
}

const unreadable = (reason: string) => new FaroutError('OOD_IMAGE_UNREADABLE', reason);
