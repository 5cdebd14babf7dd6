import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { defineScorer, z, type DatasetImage, type ImageFile, type ReportData } from '@farout/core';
import sharp from 'sharp';
import { mostExtreme, Thumbnails } from '../../src/report-data/mistakes.ts';
import { runExperiment } from '../../src/run-experiment.ts';
import type { DatasetScores } from '../../src/score/on-features.ts';
import { Entries, hashBytes } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { png } from '../fixtures/png.ts';
import {
  CountingProgress,
  detector,
  pixelsOf,
  side,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

let folder: string;
let entries: Entries;

beforeEach(async () => {
  folder = await temporaryFolder();
  entries = new Entries({ store: new FileStore(path.join(folder, 'store')), logger: silent });
});

/** An image that counts how often it is read. */
function source(bytes = png(side, side, pixelsOf(0))) {
  const reads = { count: 0 };
  const read = () => Promise.resolve((reads.count++, bytes));
  return { reads, image: { id: 's', version: '1', read } };
}

describe('Thumbnails', () => {
  it('are JPEGs in base64, of files and of sources', async () => {
    const [file] = await writeImages(path.join(folder, 'images'), 0, 1);
    const content = hashBytes(await readFile((file as ImageFile).path));
    for (const [image, key] of [
      [file!, content],
      [source().image, hashBytes(png(side, side, pixelsOf(0)))],
    ] as const) {
      const { thumbnail } = await new Thumbnails(entries).of(image, key);
      const { format, width, height } = await sharp(Buffer.from(thumbnail!, 'base64')).metadata();
      expect({ format, width, height }).toEqual({ format: 'jpeg', width: side, height: side });
    }
  });

  it('are made once for each content, in this run and in later ones', async () => {
    const { image, reads } = source();
    const thumbnails = new Thumbnails(entries);
    const content = hashBytes(png(side, side, pixelsOf(0)));
    const [first, second] = await Promise.all([thumbnails.of(image, content), thumbnails.of(image, content)]);
    expect(await new Thumbnails(entries).of(image, content)).toEqual(first);
    expect(first.thumbnail).toBeDefined();
    expect(second).toEqual(first);
    expect(reads.count).toBe(1);
  });

  it('are absent, with the reason, where an image has gone, has changed or is none', async () => {
    const saidOf = (image: DatasetImage) => new Thumbnails(entries).of(image, 'what it was');
    const [changed] = await writeImages(path.join(folder, 'images'), 1, 2);
    expect(await saidOf(changed!)).toEqual({ noThumbnail: 'changed since it was scored' });
    const [gone] = await writeImages(path.join(folder, 'images'), 0, 1);
    await rm(path.join(folder, 'images'), { recursive: true });
    expect(await saidOf(gone!)).toEqual({ noThumbnail: 'missing since it was scored' });
    const noImage = { noThumbnail: expect.stringMatching(/^cannot be read: ./) as unknown };
    const nothing = Buffer.from('no image');
    expect(await new Thumbnails(entries).of(source(nothing).image, hashBytes(nothing))).toEqual(noImage);
    expect(await saidOf(source().image)).toEqual({ noThumbnail: 'changed since it was scored' });
    const thrown = { id: 's', version: '1', read: () => Promise.reject(new Error('no luck')) };
    expect(await saidOf(thrown)).toEqual({ noThumbnail: 'cannot be read: no luck' });
  });
});

const scoresOf = (scores: number[]): DatasetScores => ({
  images: scores.map((_, i) => ({ id: `${i}`, path: `/${i}` })),
  predicted: new Int32Array(scores.length),
  scores: new Map([['D', Float32Array.from(scores)]]),
});
const sets = [
  ['a', scoresOf([3, -Infinity, 1])],
  ['b', scoresOf([2, 3, Infinity, 0])],
] as const;

const found = (side: 'highest' | 'lowest', count: number) =>
  mostExtreme(sets, 'D', side, count).map(({ dataset, index, score }) => [dataset, index, score]);

describe('mostExtreme', () => {
  it('gives the highest scores of all sets, of equal ones the first listed', () => {
    expect(found('highest', 3)).toEqual([
      ['b', 2, Infinity],
      ['a', 0, 3],
      ['b', 1, 3],
    ]);
  });

  it('gives the lowest ones', () => {
    expect(found('lowest', 2)).toEqual([
      ['a', 1, -Infinity],
      ['b', 3, 0],
    ]);
  });

  it('gives all where there are fewer', () => {
    expect(found('lowest', 100).map(([, , score]) => score)).toEqual([-Infinity, 0, 1, 2, 3, 3, Infinity]);
  });
});

const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });

/** An image that can be read once: for its features. */
function once({ id, path: file }: ImageFile) {
  let isRead = false;
  const read = () => {
    if (isRead) return Promise.reject(new Error('no luck'));
    isRead = true;
    return readFile(file);
  };
  return { id, version: id, read };
}

it('says of pictures that cannot be made which and why: in one warning, and in their places', async () => {
  const folder = await temporaryFolder();
  const id = await writeImages(path.join(folder, 'id'), 0, 2);
  const ood = (await writeImages(path.join(folder, 'ood'), 100, 103)) as ImageFile[];
  const detectors = [detector('Max', maxLogit), detector('Again', maxLogit)];
  const [out, warnings]: [string, string[]] = [path.join(folder, 'run'), []];
  await runExperiment(tinyExperiment({ id, ood: ood.map(once), detectors }, path.join(folder, 'store')), {
    out,
    logger: { info: () => undefined, warn: (sentence) => warnings.push(sentence) },
    progress: new CountingProgress(),
    reporters: [],
  });
  const { mistakes } = JSON.parse(await readFile(path.join(out, 'report-data.json'), 'utf8')) as ReportData;
  for (const { highestOod, lowestId } of mistakes) {
    expect(highestOod.map(({ noThumbnail }) => noThumbnail)).toEqual(Array(3).fill('cannot be read: no luck'));
    expect(lowestId.map(({ thumbnail }) => typeof thumbnail)).toEqual(['string', 'string']);
  }
  const first = mistakes[0]!.highestOod[0]!.image;
  expect(warnings.filter((each) => each.includes('picture'))).toEqual([
    `The report lacks the pictures of 3 images, the first "${first}" of "outside": cannot be read: no luck`,
  ]);
});
