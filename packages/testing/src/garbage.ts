import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Runs a full garbage collection; undefined in runtimes without it. Node.js exposes it only on request. */
const collect = exposed();

/** Whether held memory can be measured. */
export const measuresMemory = collect !== undefined;

/** The number of bytes held, excluding garbage. */
export async function heldBytes(): Promise<number> {
  // Array buffers are freed concurrently, which is complete only when the next collection begins.
  for (let round = 0; round < 2; round++) {
    collect?.();
    await setImmediate();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function exposed(): (() => void) | undefined {
  try {
    setFlagsFromString('--expose-gc');
    return runInNewContext('gc') as () => void;
  } catch {
    return undefined;
  }
}
