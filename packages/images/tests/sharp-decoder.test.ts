import { expect, it } from '@jest/globals';
import sharp from 'sharp';
import { configureSharpForWorker, decoderVersions, loadSharp } from '../src/sharp-decoder.ts';

it('leaves sharp one thread and no cache', async () => {
  configureSharpForWorker();
  await loadSharp();
  expect(sharp.concurrency()).toBe(1);
  expect(sharp.cache()).toMatchObject({ memory: { max: 0 }, items: { max: 0 }, files: { max: 0 } });
});

it('names sharp and the libraries behind it with their versions', async () => {
  const versions = await decoderVersions();
  expect(Object.keys(versions)).toEqual(['sharp', 'libvips', 'mozjpeg', 'libpng', 'libwebp', 'libtiff']);
  expect(versions.sharp).toMatch(/^\d+\.\d+\.\d+/);
});
