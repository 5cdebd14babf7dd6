import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collects all garbage now; undefined in a runtime that has no such thing. Node.js hides it unless it is told. */
const collect = exposed();

/** Whether it can be told how much memory is held. */
export const measuresMemory = collect !== undefined;

/** How many bytes are held, garbage not counted. */
export async function heldBytes(): Promise<number> {
  // What arrays leave behind is swept beside the program, and done when the next collection begins.
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
