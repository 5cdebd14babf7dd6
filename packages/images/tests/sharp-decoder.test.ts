import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import sharp from 'sharp';
import type * as SharpDecoder from '../src/sharp-decoder.ts';
import { decoderVersions } from '../src/sharp-decoder.ts';

it('leaves sharp one thread and no cache', async () => {
  // Other tests of this process have loaded sharp before; a copy of the module has not.
  const copy = (await import(`../src/sharp-decoder.ts?${randomUUID()}`)) as typeof SharpDecoder;
  copy.configureSharpForWorker();
  await copy.loadSharp();
  expect(sharp.concurrency()).toBe(1);
  expect(sharp.cache()).toMatchObject({ memory: { max: 0 }, items: { max: 0 }, files: { max: 0 } });
});

it('names sharp and the libraries behind it with their versions', async () => {
  const versions = await decoderVersions();
  expect(Object.keys(versions)).toEqual(['sharp', 'libvips', 'mozjpeg', 'libpng', 'libwebp', 'libtiff']);
  expect(versions.sharp).toMatch(/^\d+\.\d+\.\d+/);
});
