import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseNpy, writeNpy } from '@farout/checkpoints';
import { Shards, type Made } from '../../src/extraction/shards.ts';
import { Entries, hashBytes } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { silent, temporaryFolder } from '../fixtures/tiny.ts';

const place = 'a'.repeat(64);
const another = 'b'.repeat(64);

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

/** The store as another process sees it. */
const open = () => new Shards(new Entries({ store: new FileStore(folder), logger: silent }), 'e');
const rows = (...made: readonly (readonly [string, number])[]): Map<string, Made> =>
  new Map(made.map(([content, value]) => [content, { row: Float32Array.of(value, -value) }]));

async function valuesOf(shards: Shards, at: string, contents: readonly string[]) {
  const values: unknown[] = [];
  for (const stored of await shards.find(at, contents)) {
    if (!stored || 'unreadable' in stored) values.push(stored?.unreadable);
    else values.push((await shards.block(stored.block))?.data[2 * stored.row]);
  }
  return values;
}

/** As a process does that adds rows and ends in order. */
async function addTo(where: string, made: Parameters<Shards['add']>[1]): Promise<void> {
  const shards = open();
  await shards.add(where, made);
  await shards.noteAll();
}

const files = async () => (await readdir(path.join(folder, 'readings', 'e'))).sort();

describe('Shards', () => {
  it('takes rows in any number, and finds them by content in any order', async () => {
    await open().add(place, rows(['x', 1], ['y', 2]));
    await open().add(place, new Map([...rows(['z', 3]), ['w', { unreadable: 'it ends early' }]]));
    expect(await valuesOf(open(), place, ['w', 'z', 'nobody', 'y', 'x'])).toEqual([
      'it ends early',
      3,
      undefined,
      2,
      1,
    ]);
  });

  it('finds rows of another place', async () => {
    await addTo(place, rows(['x', 1]));
    await addTo(another, rows(['y', 2]));
    expect(await valuesOf(open(), 'c'.repeat(64), ['y', 'x'])).toEqual([2, 1]);
    expect(await open().places()).toEqual([place, another].sort());
    expect(await new Shards(new Entries({ store: new FileStore(folder), logger: silent }), 'other').places()).toEqual(
      [],
    );
  });

  it('writes nothing for what it has', async () => {
    await open().add(place, rows(['x', 1], ['y', 2]));
    const before = await files();
    const stored = await open().add(place, rows(['y', 2]));
    expect([await files(), stored.size]).toEqual([before, 1]);
  });

  it('loses no row to runs that add to one shard, and to one list of the index, at once', async () => {
    const processes = Array.from({ length: 8 }, open);
    await Promise.all(processes.map((shards, i) => shards.add(`a${i}${'0'.repeat(62)}`, rows([`x${i}`, i]))));
    for (const [i, shards] of processes.entries()) {
      expect(await valuesOf(shards, `a${i}${'0'.repeat(62)}`, [`x${i}`])).toEqual([i]);
    }
    await Promise.all(processes.map((shards) => shards.noteAll()));
    // Whatever the lists lost is found in its place, and noted by whoever finds it there.
    const next = open();
    for (const i of processes.keys()) await next.find(`a${i}${'0'.repeat(62)}`, [`x${i}`]);
    await next.noteAll();
    const contents = processes.map((_, i) => `x${i}`);
    expect(await valuesOf(open(), place, contents)).toEqual([...processes.keys()]);
  });

  it('writes its index at the end, not with each shard: each list once', async () => {
    const written = new Map<string, number>();
    const store = new FileStore(folder);
    const counting = {
      ...{ read: store.read, readRange: store.readRange, create: store.create },
      write: (key: string, bytes: Uint8Array | readonly Uint8Array[]) => {
        written.set(key, (written.get(key) ?? 0) + 1);
        return store.write(key, bytes);
      },
    };
    const shards = new Shards(new Entries({ store: counting, logger: silent }), 'e');
    const places = Array.from({ length: 40 }, (_, at) => hashBytes(Buffer.from([at])));
    for (const [at, each] of places.entries()) await shards.add(each, rows([`x${at}`, at]));
    await shards.noteAll();
    const lists = [...written].filter(([key]) => key.includes('index-'));
    expect(lists.length).toBeGreaterThan(1);
    expect(lists.every(([, times]) => times === 1)).toBe(true);
  });

  it('calls a block by its SHA-256, and a block is a .npy of its rows', async () => {
    await open().add(place, rows(['x', 1], ['y', 2]));
    const [block] = (await files()).filter((file) => file.endsWith('.npy'));
    const bytes = await readFile(path.join(folder, 'readings', 'e', block!));
    expect(`${hashBytes(bytes)}.npy`).toBe(block);
    expect(parseNpy(bytes)).toMatchObject({ data: Float32Array.of(1, -1, 2, -2), shape: [2, 2] });
  });

  it('no longer finds rows of a block that it saw to be gone, and takes them again', async () => {
    await open().add(place, rows(['x', 1]));
    await open().add(place, rows(['y', 2]));
    const [stored] = await open().find(place, ['y']);
    const { block } = stored as { block: string };
    await rm(path.join(folder, 'readings', 'e', `${block}.npy`));
    const shards = open();
    expect(await shards.find(place, ['x', 'y'])).not.toContain(undefined);
    expect(await shards.block(block)).toBeUndefined();
    expect(await valuesOf(shards, place, ['x', 'y'])).toEqual([1, undefined]);
    await shards.add(place, rows(['y', 2]));
    expect(await valuesOf(open(), place, ['x', 'y'])).toEqual([1, 2]);
  });

  it.each([
    ['in double precision', { data: Float64Array.of(1, -1), shape: [1, 2] }],
    ['of one axis', { data: Float32Array.of(1, -1), shape: [2] }],
    ['of three axes', { data: Float32Array.of(1, -1), shape: [1, 2, 1] }],
  ])('takes an array %s for no block, whatever vouches for it', async (_, array) => {
    const bytes = writeNpy(array);
    await new FileStore(folder).write(`readings/e/${hashBytes(bytes)}.npy`, bytes);
    expect(await open().block(hashBytes(bytes))).toBeUndefined();
  });
});
