import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { FaroutError } from '@farout/core';
import { describedBy, invalidFile, otherFile, sourceOf, type Description, type Source } from '@farout/verdict';

/** Nobody waits for a fifo into which nothing is written. */
const notBlocking = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * What an exported file says of itself. The graph and its weights are skipped: nothing of them is read.
 *
 * @throws FaroutError OOD_DETECTOR_FILE_INVALID for a file that is no ONNX model, that `farout export` did not write, or of another version of the
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
