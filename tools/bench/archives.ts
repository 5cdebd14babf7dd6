import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { imageFolder, parquet, tar, webdataset } from '@farout/datasets';
import type { DatasetImage } from '@farout/core';
import { parquetOf } from '../../packages/datasets/tests/parquet-of.ts';
import { tarPart } from '../../packages/datasets/tests/tar-of.ts';
import { watched } from './memory.ts';
import { readBytes } from './runner.ts';
import { compareInTurns, spentOn, type Spread } from './turns.ts';

/** Bytes of an image: those of a thumbnail, or of a photograph. */
const sizes = [3_000, 110_000];
/** All images of a turn together. */
const turnBytes = 60e6;
const imagesOfShard = 1000;
const turns = 7;

/** The time to read images from an archive, relative to loose files. */
export interface ReadingSpeed {
  readonly bytes: number;
  readonly count: number;
  readonly from: string;
  readonly clock: Spread;
  readonly cpu: Spread;
}

/** Reads the same images from loose files, tar shards and Parquet files, in turns; the files are in the system's cache. */
export async function archiveSpeeds(): Promise<ReadingSpeed[]> {
  const speeds: ReadingSpeed[] = [];
  for (const bytes of sizes) {
    const folder = await mkdtemp(path.join(tmpdir(), 'farout-bench-'));
    try {
      const count = Math.ceil(turnBytes / bytes / imagesOfShard) * imagesOfShard;
      const { loose, ...packed } = await kindsOf(folder, { bytes, count });
      for (const [from, images] of Object.entries(packed)) {
        const { clock, cpu } = await compareInTurns(
          () => reading(images),
          () => reading(loose),
          turns,
        );
        speeds.push({ bytes, count, from, clock, cpu });
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  return speeds;
}

/** Reads like a worker: four at once. */
const reading = (images: readonly DatasetImage[]) =>
  spentOn(async () => {
    for (let start = 0; start < images.length; start += 4)
      await Promise.all(images.slice(start, start + 4).map(readBytes));
  });

interface Many {
  readonly bytes: number;
  readonly count: number;
}

/** The bytes of an image, all distinct; nothing decodes them. */
function imageOf(index: number, { bytes }: Many): Buffer {
  const image = Buffer.alloc(bytes);
  let state = index + 1;
  for (let at = 0; at + 4 <= bytes; at += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    image.writeInt32LE(state, at);
  }
  return image;
}

const nameOf = (index: number) => `${String(index % 100).padStart(2, '0')}/${String(index).padStart(8, '0')}.jpg`;

async function kindsOf(folder: string, many: Many) {
  const at = (name: string) => path.join(folder, name);
  for (let index = 0; index < 100; index++) await mkdir(at(`loose/${nameOf(index).slice(0, 2)}`), { recursive: true });
  for (const name of ['shards', 'tables']) await mkdir(at(name));
  for (let first = 0; first < many.count; first += imagesOfShard) {
    const images = Array.from({ length: imagesOfShard }, (_, i) => imageOf(first + i, many));
    for (const [i, image] of images.entries()) await writeFile(at(`loose/${nameOf(first + i)}`), image);
    const shard = String(first).padStart(8, '0');
    await writeFile(at(`shards/${shard}.tar`), tarOfImages(images, first));
    const table = parquetOf(
      images.map((image) => ({ bytes: image })),
      { rowGroupSize: 100 },
    );
    await writeFile(at(`tables/${shard}.parquet`), table);
  }
  const [loose, shards, tables] = [
    await imageFolder.open({ root: at('loose'), labels: 'none' }),
    await webdataset.open({ folder: at('shards') }),
    await parquet.open({ folder: at('tables'), image: 'image' }),
  ];
  return { loose: loose.images, 'tar shards': shards.images, Parquet: tables.images };
}

const tarOfImages = (images: readonly Buffer[], first: number): Buffer =>
  Buffer.concat([...images.flatMap((image, i) => tarEntry(nameOf(first + i), image)), Buffer.alloc(1024)]);

function tarEntry(name: string, image: Buffer): Buffer[] {
  const size = `${image.length.toString(8).padStart(11, '0')}\0`;
  const padding = Buffer.alloc((512 - (image.length % 512)) % 512);
  return [Buffer.from(tarPart({ name, size }), 'latin1'), image, padding];
}

/** Peak memory in MiB of a process that opens a tar of `count` small images and reads all of them. */
export async function archiveMemory(counts: readonly number[]): Promise<number[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-bench-'));
  const peaks: number[] = [];
  try {
    for (const count of counts) {
      const file = path.join(folder, `${count}.tar`);
      await writeTar(file, { bytes: sizes[0]!, count });
      const loader = new URL('../ts.mjs', import.meta.url).href;
      const words = ['--import', loader, fileURLToPath(new URL('read-archive.ts', import.meta.url)), file];
      const env = { ...process.env, XDG_CACHE_HOME: folder };
      peaks.push((await watched(spawn(process.execPath, words, { stdio: 'inherit', env }))).peak);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return peaks;
}

async function writeTar(file: string, many: Many): Promise<void> {
  const handle = await open(file, 'w');
  for (let first = 0; first < many.count; first += imagesOfShard) {
    const images = Array.from({ length: imagesOfShard }, (_, i) => imageOf(first + i, many));
    await handle.write(tarOfImages(images, first).subarray(0, -1024));
  }
  await handle.write(Buffer.alloc(1024));
  await handle.close();
}

/** Opens a tar and reads all of its images. */
export async function readTar(file: string): Promise<void> {
  const { images } = await tar.open({ file, labels: 'none' });
  await reading(images);
}
