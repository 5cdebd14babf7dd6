import { unreadable } from './refusals.ts';

/** What `read` returns; a read beyond the end of the file, which Node's buffers answer with a RangeError, becomes OOD_IMAGE_UNREADABLE. */
export function refuseShort<T>(kind: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    // By name: in the contexts of jest and vitest Node's RangeError is another class than the one known here.
    if ((cause as Error).name !== 'RangeError') throw cause;
    throw unreadable('damaged', `the ${kind} ends early`, cause);
  }
}
