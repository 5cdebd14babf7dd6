import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { FaroutError } from '@farout/core';

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
export async function readImageFile(path: string): Promise<Uint8Array> {
  const handle = await open(path, notBlocking);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw unreadable('it is no file');
    if (stats.size > mostBytes) throw unreadable('the file is larger than 1 GiB');
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

const unreadable = (reason: string) => new FaroutError('OOD_IMAGE_UNREADABLE', reason);
