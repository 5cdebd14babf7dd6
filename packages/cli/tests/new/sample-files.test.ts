import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { decode } from '@farout/images';
import { sampleFiles } from '../../src/new/sample-files.ts';

describe('sampleFiles', () => {
  it("gives a backbone the weights of the demonstration's network", async () => {
    const weights = readFileSync(new URL('../../../demo/weights/demo-resnet.pth', import.meta.url));
    const files = await sampleFiles({ kind: 'backbone', name: 'vit' });
    expect(Object.keys(files)).toEqual(['weights/vit.pth']);
    expect(weights.equals(files['weights/vit.pth'] as Uint8Array)).toBe(true);
  });

  it('gives a dataset one image of each of the twelve classes, called by class and shape', async () => {
    const files = await sampleFiles({ kind: 'dataset', name: 'mine' });
    expect(Object.keys(files)).toHaveLength(12);
    expect(Object.keys(files).slice(0, 2)).toEqual(['images/00_disc.png', 'images/01_ring.png']);
    expect(await decode(files['images/11_bolt.png'] as Uint8Array)).toMatchObject({ width: 64, height: 64 });
  });

  it.each(['hook', 'scorer', 'metric'] as const)('gives a %s nothing', async (kind) => {
    expect(await sampleFiles({ kind, name: 'mine' })).toEqual({});
  });
});
