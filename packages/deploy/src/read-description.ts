import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { FaroutError } from '@farout/core';
import { describedBy, invalidFile, otherFile, sourceOf, type Description, type Source } from '@farout/verdict';

/** Avoids blocking on a FIFO without a writer. */
const notBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Reads the description of an exported file. Skips the graph and its weights.
 *
 * @throws FaroutError OOD_DETECTOR_FILE_INVALID for a file that is not an ONNX model, was not written by `farout export`, or has another version of the
 * description; OOD_MISSING_FILE.
 */
export async function readDescription(model: string | Uint8Array): Promise<Description> {
  if (typeof model !== 'string') return describedBy(sourceOf(model), 'the model');
  const handle = await open(model, notBlocking).catch((cause: unknown) => {
    throw new FaroutError('OOD_MISSING_FILE', `${model} cannot be opened`, { fix: 'Name an ONNX file.', cause });
  });
  try {
    if (!(await handle.stat()).isFile()) throw invalidFile(model, 'it is not a file', otherFile);
    return await describedBy(await ofFile(handle), model);
  } finally {
    await handle.close();
  }
}

const ofFile = async (handle: FileHandle): Promise<Source> => ({
  size: (await handle.stat()).size,
  read: async (offset, length) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  },
});
