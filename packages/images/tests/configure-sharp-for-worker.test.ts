import { expect, it } from '@jest/globals';
import sharp from 'sharp';
import { configureSharpForWorker } from '../src/configure-sharp-for-worker.ts';

it('leaves sharp one thread and no cache', () => {
  configureSharpForWorker();
  expect(sharp.concurrency()).toBe(1);
  expect(sharp.cache()).toMatchObject({ memory: { max: 0 }, items: { max: 0 }, files: { max: 0 } });
});
