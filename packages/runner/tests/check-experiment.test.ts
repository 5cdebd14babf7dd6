import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { defineBackbone, defineDataset, defineScorer, imageParameters, z, type ScorerDefinition } from '@farout/core';
import { checkExperiment } from '../src/check-experiment.ts';
import type { Experiment } from '../src/experiment.ts';
import { loadPlugin } from '../src/plugins/load-plugin.ts';
import { folderOf } from './config/fixture.ts';
import { detector, firstFeature, part, temporaryFolder, tinyExperiment, writeImages } from './fixtures/tiny.ts';

let folder: string;
beforeAll(async () => (folder = await temporaryFolder()));

async function experimentOf(scorer: ScorerDefinition, change: Partial<Experiment> = {}): Promise<Experiment> {
  const id = await writeImages(path.join(folder, 'id'), 0, 2);
  const ood = await writeImages(path.join(folder, 'ood'), 2, 5);
  const detectors = [detector('Mine', scorer)];
  return { ...tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')), ...change };
}

const scorer = (score: Extract<ScorerDefinition, { score: unknown }>['score']) =>
  defineScorer({ name: 'mine', params: z.object({}), score });
const fails = () => {
  throw new Error('no luck');
};

describe('checkExperiment', () => {
  it('tells what the experiment would work on', async () => {
    expect(await checkExperiment(await experimentOf(firstFeature))).toEqual({
      images: { inside: 2, outside: 3 },
      classes: 2,
      featureWidth: 3,
      device: 'cpu',
      common: expect.objectContaining({ overlaps: [expect.objectContaining({ images: 2 })], unknown: 5 }),
    });
  });

  it.each([
    ['throws', scorer(fails), 'OOD_DETECTOR_FAILED', 'no luck'],
    ['returns what is no score', scorer(({ logits }) => logits), 'OOD_DETECTOR_FAILED', 'expected float32 (N)'],
    ['adds shapes that do not fit', scorer(({ logits, features }) => logits.add(features)), 'OOD_SHAPE', 'broadcast'],
  ])('names a detector whose scorer %s', async (_title, faulty, code, says) => {
    const refused = checkExperiment(await experimentOf(faulty));
    await expect(refused).rejects.toMatchObject({ code, place: { file: 'tiny.yaml' } });
    await expect(refused).rejects.toThrow('the detector "Mine" cannot be built: ');
    await expect(refused).rejects.toThrow(says);
  });

  it('names a backbone and a dataset that throw, both at once', async () => {
    const params = z.object({ ...imageParameters });
    const backbone = { ...part(defineBackbone({ name: 'broken', params, open: fails })) } as Experiment['backbone'];
    const dataset = part(defineDataset({ name: 'broken', params: z.object({}), open: fails }));
    const datasets = new Map([['inside', dataset]]);
    await expect(checkExperiment(await experimentOf(firstFeature, { backbone, datasets }))).rejects.toMatchObject({
      errors: [
        { code: 'OOD_DATASET_INVALID', message: 'the dataset "inside" cannot be opened: no luck' },
        { code: 'OOD_PLUGIN_FAILED', message: 'the backbone "broken" cannot be opened: no luck' },
      ],
    });
  });

  it("names the line of the plugin's file that failed", async () => {
    const plugins = folderOf({
      'mine.mjs': `import { definePlugin, defineScorer, z } from '@farout/core';
const mine = defineScorer({
  name: 'mine',
  params: z.object({}),
  score: ({ logits }) =>
    logits.times(2),
});
export default definePlugin({ name: 'mine', scorers: [mine] });`,
    });
    const place = { file: 'experiment.yaml', line: 1, column: 1 };
    const [loaded] = await loadPlugin({ specifier: './mine.mjs', folder: plugins, place });
    await expect(checkExperiment(await experimentOf(loaded!.plugin.scorers![0]!))).rejects.toMatchObject({
      message: expect.stringContaining(
        `logits.times is not a function (${path.join(plugins, 'mine.mjs')}:6)`,
      ) as unknown,
    });
  });
});
