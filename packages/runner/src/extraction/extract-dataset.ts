import { setTimeout } from 'node:timers/promises';
import type { Cut } from './file-index.ts';
import { gatherScattered } from './gather-scattered.ts';
import { lacking, lookAgain, lookUp, type Extraction, type Filling, type Place } from './look-up.ts';
import { Pass } from './pass.ts';
import type { ExtractedCut } from './row-set.ts';

/** How often a run checks ranges of images that another run is working on, in milliseconds. */
const lookAgainAfter = 500;

/** Reads every image that lacks a reading, once; returns how many. Results are recorded in the fillings. */
export async function fill(name: string, fillings: readonly Filling[], extraction: Extraction): Promise<number> {
  let read = 0;
  // Of identical images only one is read. If it changes meanwhile, the others remain and are read in the next round.
  for (let missing = missingOf(fillings); missing.length > 0; missing = missingOf(fillings)) {
    extraction.signal.throwIfAborted();
    const pass = new Pass(extraction);
    read += await pass.run(name, fillings, missing);
    if (pass.passedOver.size > 0) await waitForOthers(name, pass.passedOver, extraction);
  }
  for (const [key, shards] of extraction.shards) {
    await gatherScattered(fillings, key, shards);
    await shards.noteAll();
  }
  return read;
}

/** Waits for ranges that another run is working on, until all are done or this run takes one over. */
async function waitForOthers(name: string, fillings: Iterable<Filling>, extraction: Extraction): Promise<void> {
  const { claims, progress, signal } = extraction;
  const waiting = new Set(fillings);
  progress.start(`${name}, by another run`, waiting.size, 0, 'stretches of images');
  try {
    while (waiting.size > 0) {
      await setTimeout(lookAgainAfter, undefined, { signal });
      for (const filling of waiting) {
        await lookAgain(filling, extraction);
        if (missingOf([filling]).length === 0) {
          waiting.delete(filling);
          progress.advance(1);
        } else if (await claims.take(filling.cut.place, [...filling.rows.keys()])) return;
      }
    }
  } finally {
    progress.stop();
  }
}

/** Looks up a range of a dataset, and reads what the store has lost of it. */
export async function extractCut(
  name: string,
  cut: Cut,
  extraction: Extraction,
): Promise<{ readonly found: ExtractedCut; readonly read: number }> {
  const fillings = await lookUp(name, [cut], extraction);
  const read = await fill(name, fillings, extraction);
  return { found: fillings[0]!, read };
}

const missingOf = (fillings: readonly Filling[]): Place[] =>
  fillings.flatMap((filling) =>
    [...filling.cut.images.keys()].filter((at) => lacking(filling, at).length > 0).map((at) => ({ filling, at })),
  );
