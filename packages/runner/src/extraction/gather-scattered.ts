import { FaroutError } from '@farout/core';
import type { Filling } from './look-up.ts';
import type { Made, Shards, StoredRow } from './shards.ts';

/** A shard whose rows are spread over more blocks than this is gathered into a new block. */
const mostBlocks = 8;

/** Bytes of rows held in memory at once for gathering. */
const mostBytes = 2 ** 27;

/**
 * Copies rows of a reading that are scattered over the shards of other listings (as for a list in another order) into
 * the shards of their own places. Otherwise each pass would read nearly every block for nearly every shard. Each block
 * is read once for as many shards as fit into memory. If the store cannot be written, the rows stay where they are.
 */
export async function gatherScattered(fillings: readonly Filling[], key: string, shards: Shards): Promise<void> {
  const scattered = fillings.filter((filling) => blocksOf([filling], key).size > mostBlocks);
  if (scattered.length === 0) return;
  const [anyBlock] = blocksOf(scattered, key);
  const width = (await shards.block(anyBlock!))?.shape[1] ?? 1;
  const rowsAtOnce = mostBytes / (Float32Array.BYTES_PER_ELEMENT * width);
  let group: Filling[] = [];
  let rows = 0;
  for (const filling of scattered) {
    group.push(filling);
    rows += filling.cut.images.length;
    if (rows < rowsAtOnce && filling !== scattered.at(-1)) continue;
    if (!(await gather(group, key, shards))) return;
    [group, rows] = [[], 0];
  }
}

/** Returns false if the store cannot be written. */
async function gather(group: readonly Filling[], key: string, shards: Shards): Promise<boolean> {
  const rowsOf = new Map(group.map((filling) => [filling, new Map<string, Made>()]));
  for (const block of blocksOf(group, key)) {
    const rows = await shards.block(block);
    // Lost rows are computed again when they are used.
    if (!rows) continue;
    const width = rows.shape[1];
    for (const [filling, made] of rowsOf) {
      for (const [at, stored] of storedRows(filling, key)) {
        if (stored.block !== block) continue;
        const row = rows.data.slice(stored.row * width, (stored.row + 1) * width);
        made.set(filling.contents[at]!, { row, processor: stored.processor });
      }
    }
  }
  for (const [filling, made] of rowsOf) {
    const stored = await shards.add(filling.cut.place, made).catch((error: unknown) => {
      if (error instanceof FaroutError && error.code === 'OOD_STORE_FAILED') return undefined;
      throw error;
    });
    if (!stored) return false;
    for (const [at] of storedRows(filling, key)) {
      const moved = stored.get(filling.contents[at]!);
      if (moved && 'block' in moved) filling.rows.get(key)![at] = moved;
    }
  }
  return true;
}

const storedRows = ({ rows }: Filling, key: string): [number, StoredRow][] =>
  [...rows.get(key)!.entries()].filter((entry): entry is [number, StoredRow] => entry[1] !== undefined);

const blocksOf = (fillings: readonly Filling[], key: string) =>
  new Set(fillings.flatMap((filling) => storedRows(filling, key).map(([, { block }]) => block)));
