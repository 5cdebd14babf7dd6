import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from '@jest/globals';
import { demoWeights } from '@farout/demo';
import { Replica } from './replica.ts';
import { runCli } from './run-cli.ts';

const clone = new Replica();
afterAll(() => clone.remove());

/** A storage of somebody else's: `dir://name/…` is a folder. Of a store it has as much as images need. */
const plugin = `
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { definePlugin, defineStorage } from '@farout/core';

const open = (address) => {
  const root = join(${JSON.stringify(clone.folder)}, address.slice('dir://'.length));
  const keys = () => readdirSync(root, { recursive: true }).filter((key) => statSync(join(root, key)).isFile()).sort();
  const entries = () => keys().map((key) => ({ key, size: statSync(join(root, key)).size, version: 'v ' + key, modified: 0 }));
  return {
    list: async () => ({ entries: entries(), more: false }),
    readVersion: async ({ key }) => readFileSync(join(root, key)),
  };
};

export default definePlugin({ name: 'dir', storages: [defineStorage({ name: 'dir', open })] });
`;

it('a storage of a plugin file serves images to workers, which are processes of their own', async () => {
  for (let i = 0; i < 4; i++) {
    clone.paint(`images/known/${i}.png`, 'objects', 3, i);
    clone.paint(`images/strange/${i}.png`, 'noise', 3, i);
  }
  clone.write('dir.mjs', plugin);
  const experiment = {
    name: 'dir',
    plugins: ['./dir.mjs'],
    store: './store',
    backbone: { 'demo-resnet': { weights: demoWeights } },
    datasets: {
      known: { 'image-folder': { root: 'dir://images/known' } },
      strange: { 'image-folder': { root: 'dir://images/strange' } },
    },
    id: 'known',
    ood: ['strange'],
    detectors: { MSP: 'msp' },
    metrics: ['auroc'],
  };
  clone.write('dir.yaml', JSON.stringify(experiment));
  expect(await runCli(['run', 'dir.yaml'], { cwd: clone.folder })).toMatchObject({ code: 0 });
  expect(readFileSync(clone.path('runs/dir/scores.csv'), 'utf8').trim().split('\n')).toHaveLength(9);
});
