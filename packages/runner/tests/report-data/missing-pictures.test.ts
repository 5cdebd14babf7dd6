import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { defineScorer, z, type ImageFile, type ReportData } from '@farout/core';
import { runExperiment } from '../../src/run-experiment.ts';
import { CountingProgress, detector, temporaryFolder, tinyExperiment, writeImages } from '../fixtures/tiny.ts';

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
