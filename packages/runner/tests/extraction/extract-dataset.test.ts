import { expect, it } from '@jest/globals';
import { FaroutError } from '@farout/core';
import { gatherScattered } from '../../src/extraction/extract-dataset.ts';
import type { Filling } from '../../src/extraction/look-up.ts';
import { Shards, type Stored } from '../../src/extraction/shards.ts';
import { Entries, hashData } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { silent, temporaryFolder } from '../fixtures/tiny.ts';

const listing = 'f'.repeat(64);

/** A list of `count` images whose rows lie in a shard each; the value of a row is its number. */
async function scattered(count: number, write?: FileStore['write']) {
  const files = new FileStore(await temporaryFolder());
  const open = (store: Pick<FileStore, 'read' | 'write'>) => new Shards(new Entries({ store, logger: silent }), 'e');
  const contents = Array.from({ length: count }, (_, i) => `image ${i}`);
  for (const [i, content] of contents.entries()) {
    await open(files).add(hashData(content), new Map([[content, { row: Float32Array.of(i) }]]));
  }
  const shards = open(write ? { read: files.read, write } : files);
  const images = contents.map((id) => ({ id, path: id }));
  const outcomes: (Stored | undefined)[] = await shards.find(listing, contents);
  const filling: Filling = { cut: { place: listing, images }, stamps: [], contents, outcomes, told: true };
  return { filling, shards };
}

async function valuesOf({ outcomes }: Filling, shards: Shards): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const outcome of outcomes) {
    const { block, row } = outcome as { block: string; row: number };
    values.push((await shards.block(block))?.data[row]);
  }
  return values;
}

const blocks = ({ outcomes }: Filling) => new Set(outcomes.map((outcome) => (outcome as { block: string }).block)).size;

it('rows that lie in many blocks are copied into one, each still that of its image', async () => {
  const { filling, shards } = await scattered(12);
  expect(blocks(filling)).toBe(12);
  await gatherScattered([filling], shards);
  expect(blocks(filling)).toBe(1);
  expect(await valuesOf(filling, shards)).toEqual(Array.from({ length: 12 }, (_, i) => i));
});

it('rows that lie in few blocks stay where they are', async () => {
  const { filling, shards } = await scattered(8);
  await gatherScattered([filling], shards);
  expect(blocks(filling)).toBe(8);
});

it('a store that cannot be written serves with the rows where they are', async () => {
  const full = () => Promise.reject(new FaroutError('OOD_STORE_FAILED', 'it is full'));
  const { filling, shards } = await scattered(12, full);
  await gatherScattered([filling], shards);
  expect(await valuesOf(filling, shards)).toEqual(Array.from({ length: 12 }, (_, i) => i));
});
