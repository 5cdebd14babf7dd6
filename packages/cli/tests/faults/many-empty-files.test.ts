import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { demo, runSmall, temporaryFolder } from './small-experiment.ts';

const count = 25_000;

describe('a folder of 25,000 empty files', () => {
  it('with one image among them is read to its end: each is named, the one is scored', async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < count; i++) {
      if (i % 1000 === 0) mkdirSync(path.join(folder, 'images', String(i / 1000)), { recursive: true });
      writeFileSync(path.join(folder, 'images', String(Math.floor(i / 1000)), `${i}.png`), '');
    }
    const picture = path.join(path.dirname(demo), '../docs/report.png');
    writeFileSync(path.join(folder, 'images', 'one.png'), readFileSync(picture));
    const once = ['--set', 'detectors={Energy: energy}'];
    const empty = ['--set', 'datasets.noise={image-folder: {root: images}}', ...once];
    const { code, stderr } = await runSmall(folder, empty);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(`noise: ${count + 1} images`) });
    const { datasets } = JSON.parse(readFileSync(path.join(folder, 'runs/demo/results.json'), 'utf8')) as {
      datasets: { noise: { images: number; unreadable: { reason: string }[] } };
    };
    expect(datasets.noise.images).toBe(count + 1);
    expect(datasets.noise.unreadable).toHaveLength(count);
    expect(new Set(datasets.noise.unreadable.map(({ reason }) => reason))).toEqual(new Set(['the file is empty']));
  });
});
