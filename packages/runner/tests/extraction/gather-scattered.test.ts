import { expect, it } from '@jest/globals';
import { FaroutError, type Store } from '@farout/core';
import { gatherScattered } from '../../src/extraction/gather-scattered.ts';
import type { Filling } from '../../src/extraction/look-up.ts';
import { Shards, type StoredRow } from '../../src/extraction/shards.ts';
import { Entries, hashData } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { silent, temporaryFolder } from '../fixtures/tiny.ts';

const listing = 'f'.repeat(64);
const key = 'e';

/** A list of `count` images whose rows lie in a shard each; the value of a row is its number. */
async function scattered(count: number, write?: FileStore['write']) {
  const files = new FileStore(await temporaryFolder());
  const open = (store: Store) => new Shards(new Entries({ store, logger: silent }), key);
  const contents = Array.from({ length: count }, (_, i) => `image ${i}`);
  for (const [i, content] of contents.entries()) {
    const adding = open(files);
    await adding.add(hashData(content), new Map([[content, { row: Float32Array.of(i) }]]));
    await adding.noteAll();
  }
  const shards = open(write ? { read: files.read, readRange: files.readRange, create: files.create, write } : files);
  const images = contents.map((id) => ({ id, path: id }));
  const rows = new Map([[key, (await shards.find(listing, contents)) as StoredRow[]]]);
  const filling: Filling = { cut: { place: listing, images }, stamps: [], contents, left: [], rows, told: true };
  return { filling, shards };
}

async function valuesOf({ rows }: Filling, shards: Shards): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const stored of rows.get(key)!) {
    const { block, row } = stored!;
    values.push((await shards.block(block))?.data[row]);
  }
  return values;
}

const blocks = ({ rows }: Filling) => new Set(rows.get(key)!.map((row) => row!.block)).size;

it('rows that lie in many blocks are copied into one, each still that of its image', async () => {
  const { filling, shards } = await scattered(12);
  expect(blocks(filling)).toBe(12);
  await gatherScattered([filling], key, shards);
  expect(blocks(filling)).toBe(1);
  expect(await valuesOf(filling, shards)).toEqual(Array.from({ length: 12 }, (_, i) => i));
});

it('rows that lie in few blocks stay where they are', async () => {
  const { filling, shards } = await scattered(8);
  await gatherScattered([filling], key, shards);
  expect(blocks(filling)).toBe(8);
});

it('a store that cannot be written serves with the rows where they are', async () => {
  const full = () => Promise.reject(new FaroutError('OOD_STORE_FAILED', 'it is full'));
  const { filling, shards } = await scattered(12, full);
  await gatherScattered([filling], key, shards);
  expect(await valuesOf(filling, shards)).toEqual(Array.from({ length: 12 }, (_, i) => i));
});
