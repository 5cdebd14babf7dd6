import { existsSync } from 'node:fs';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { runExperiment } from '../../src/run-experiment.ts';
import { pruneStore, storeGroups } from '../../src/store/groups.ts';
import {
  CountingProgress,
  detector,
  firstFeature,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

const day = 86_400_000;
const hash = (letter: string) => letter.repeat(64);

let folder: string;
beforeEach(async () => (folder = await temporaryFolder()));

/** Writes a file of the store that was last used some days ago. */
async function stored(file: string, daysAgo: number, bytes = 100): Promise<string> {
  const full = path.join(folder, file);
  await mkdir(path.dirname(full), { recursive: true });
  await writeFile(full, new Uint8Array(bytes));
  await utimes(full, new Date(Date.now() - daysAgo * day), new Date(Date.now() - daysAgo * day));
  return full;
}
const prune = (request: object) => pruneStore(folder, { dryRun: false, now: Date.now(), ...request });
const left = async () => (await storeGroups(folder)).map(({ name }) => name[0]);

describe('storeGroups', () => {
  it('counts images and shards of a run and says what made them', async () => {
    const images = await writeImages(path.join(folder, 'images'), 0, 300);
    const store = path.join(folder, 'store');
    const experiment = tinyExperiment(
      { id: images, ood: images.slice(0, 10), detectors: [detector('A', firstFeature)] },
      store,
    );
    const options = { out: path.join(folder, 'run'), logger: silent, progress: new CountingProgress(), reporters: [] };
    await runExperiment(experiment, options);
    const groups = await storeGroups(store);
    const readings = groups.filter(({ kind }) => kind === 'readings');
    expect(readings).toEqual([
      expect.objectContaining({ shards: 5, images: 300, note: expect.objectContaining({ network: 'tiny', crop: 8 }) }),
    ]);
  });

  it('is empty where there is no store, and leaves out what farout does not write', async () => {
    expect(await storeGroups(path.join(folder, 'nowhere'))).toEqual([]);
    await stored('readings/mine/notes.txt', 1);
    await stored('photo.jpg', 1);
    expect(await storeGroups(folder)).toEqual([]);
  });

  it('takes a note that is not of its form for none', async () => {
    const note = await stored(`readings/${hash('a')}/about.json`, 1);
    await writeFile(note, '{"network": 7}');
    expect((await storeGroups(folder))[0]).not.toHaveProperty('note');
  });
});

describe('pruneStore', () => {
  it('removes what was not used for so long, and no more', async () => {
    const old = await stored(`readings/${hash('a')}/${hash('1')}.npy`, 40);
    await stored(`readings/${hash('b')}/${hash('1')}.npy`, 20);
    const { groups } = await prune({ olderThan: 30 * day });
    expect(groups.map(({ name }) => name)).toEqual([hash('a')]);
    expect([existsSync(path.dirname(old)), await left()]).toEqual([false, ['b']]);
  });

  it('keeps what was used last until the size is full', async () => {
    for (const [at, letter] of ['a', 'b', 'c'].entries()) await stored(`graphs/${hash(letter)}.onnx`, 3 - at);
    await prune({ largerThan: 200 });
    expect(await left()).toEqual(['c', 'b']);
  });

  it('keeps what a run may be using, however small the size', async () => {
    await stored(`graphs/${hash('a')}.onnx`, 0);
    await prune({ largerThan: 0 });
    expect(await left()).toEqual(['a']);
  });

  it('removes unpacked archives and their indexes by age and size, but none of the last day', async () => {
    const version = (letter: string) => letter.repeat(32);
    const plain = await stored(`archives/${version('a')}.tar`, 40, 1000);
    await stored(`archives/${version('b')}.tar.index`, 39);
    await stored(`archives/${version('c')}.tar`, 2, 1000);
    await stored(`archives/${version('d')}.tar`, 0.5, 1000);
    const mine = await stored('archives/mine.tar', 40);
    const half = await stored(`archives/${version('e')}.tar.01234567-89ab-cdef-0123-456789abcdef.part`, 2);
    expect(await left()).toEqual(['d', 'c', 'b', 'a']);
    const { groups, leftovers } = await prune({ olderThan: 30 * day });
    expect(groups.map(({ kind, name, bytes }) => [kind, name, bytes])).toEqual([
      ['archives', version('b'), 100],
      ['archives', version('a'), 1000],
    ]);
    expect(leftovers.map(({ path: file }) => file)).toEqual([half]);
    expect([existsSync(plain), existsSync(mine), await left()]).toEqual([false, true, ['d', 'c']]);
    await prune({ largerThan: 0 });
    expect(await left()).toEqual(['d']);
  });

  it('removes temporary files older than a day, and nothing else when asked for nothing', async () => {
    const temporary = (hours: number) =>
      stored(`graphs/x.onnx.01234567-89ab-cdef-0123-4567${hours}abcdef.tmp`, hours / 24);
    const [old, young] = [await temporary(30), await temporary(20)];
    await stored(`graphs/${hash('a')}.onnx`, 400);
    await prune({});
    expect([existsSync(old), existsSync(young), await left()]).toEqual([false, true, ['a']]);
  });

  it('only tells when it is a dry run', async () => {
    await stored(`graphs/${hash('a')}.onnx`, 40);
    expect((await prune({ olderThan: day, dryRun: true })).groups).toHaveLength(1);
    expect(await left()).toEqual(['a']);
  });

  it('deletes nothing outside the folder, though links lead there', async () => {
    const outside = await temporaryFolder();
    const victim = path.join(outside, `${hash('1')}.npy`);
    await writeFile(victim, 'precious');
    await utimes(victim, 0, 0);
    await mkdir(path.join(folder, 'readings'), { recursive: true });
    await symlink(outside, path.join(folder, 'readings', hash('a')));
    await symlink(outside, path.join(folder, 'graphs'));
    const { groups } = await prune({ olderThan: 0, largerThan: 0 });
    expect([groups, existsSync(victim)]).toEqual([[], true]);
  });

  it('leaves what is not of farout in the folder of what it removes', async () => {
    await stored(`readings/${hash('a')}/${hash('1')}.npy`, 40);
    const other = await stored(`readings/${hash('a')}/mine.txt`, 40);
    await prune({ olderThan: day });
    expect([existsSync(other), await left()]).toEqual([true, []]);
  });
});
