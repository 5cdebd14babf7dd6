import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { spawnCli } from '../spawn-cli.ts';

const plugin = `
import { defineScorer, definePlugin, learnsFrom } from '@farout/core';
import { sumOf } from './sum.mjs';

const scorer = (name, of) =>
  defineScorer({
    name,
    fit: () => learnsFrom(['features'], async (rows) => ({ sum: { data: Float32Array.of(await of(rows)), shape: [] } })),
    score: ({ features }, _, { learnt }) => features.sum().div(learnt.sum),
  });

export default definePlugin({ name: 'helped', scorers: [scorer('helped', sumOf)] });
`;

const helper = (factor: number) => `
export async function sumOf(rows) {
  let sum = 0;
  for await (const { features } of rows) for (const value of features.data) sum += value;
  return ${factor} * sum;
}
`;

const experiment = `
name: helped
backbone: demo-resnet
plugins: [./plugin.mjs]
store: ./store
datasets:
  inside: { demo-images: { set: objects, count: 24, seed: 3 } }
  outside: { demo-images: { set: noise, count: 16, seed: 3 } }
id: inside
fit: inside
ood: [outside]
detectors: { Helped: helped, ReAct: [react, energy] }
metrics: [auroc]
`;

describe('what was learnt', () => {
  it('is learnt again when a helper of the plugin has changed, and nothing else is', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'farout-code-'));
    const write = (name: string, text: string) => writeFile(path.join(folder, name), text);
    const kept = async (of: string) => (await readdir(path.join(folder, 'store', of))).sort();
    const run = async () => {
      const { code, stderr } = await spawnCli(['run', 'experiment.yaml', '--no-report'], { cwd: folder });
      expect({ code, stderr }).toMatchObject({ code: 0 });
      return stderr;
    };
    await write('plugin.mjs', plugin);
    await write('experiment.yaml', experiment);
    await write('sum.mjs', helper(1));
    await run();
    const [learnt, readings] = [await kept('learnt'), await kept('readings')];
    await run();
    expect(await kept('learnt')).toEqual(learnt);
    await write('sum.mjs', helper(2));
    expect(await run()).toContain('0 images read');
    const again = await kept('learnt');
    expect(again.filter((entry) => !learnt.includes(entry)).filter((entry) => entry.endsWith('.json'))).toHaveLength(1);
    expect(await kept('readings')).toEqual(readings);
  });
});
