import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defineScorer, z, type ScorerDefinition } from '@oodkit/core';
import { checkExperiment } from '../src/check-experiment.ts';
import { loadPlugin } from '../src/plugins/load-plugin.ts';
import { folderOf } from './config/fixture.ts';
import { detector, temporaryFolder, tinyExperiment, writeImages } from './fixtures/tiny.ts';

async function checked(scorer: ScorerDefinition) {
  const folder = await temporaryFolder();
  const [id, ood] = [
    await writeImages(path.join(folder, 'id'), 0, 2),
    await writeImages(path.join(folder, 'ood'), 2, 3),
  ];
  return checkExperiment(tinyExperiment({ id, ood, detectors: [detector('D', scorer)] }, path.join(folder, 'store')));
}

const scorer = (score: (context: { logits: { reshape: unknown } }) => unknown) =>
  defineScorer({ name: 's', params: z.object({}), score: score as never });

describe('checkExperiment', () => {
  it('says what an experiment would work on', async () => {
    const fine = defineScorer({ name: 'fine', params: z.object({}), score: ({ logits }) => logits.max() });
    expect(await checked(fine)).toEqual({
      images: { inside: 2, outside: 1 },
      classes: 2,
      featureWidth: 3,
      device: 'cpu',
    });
  });

  it.each([
    [
      'a mistake of the plugin itself',
      () => {
        throw new TypeError('p.times is not a function');
      },
      { code: 'OOD_DETECTOR_FAILED', message: 'the detector "D" cannot be built: p.times is not a function' },
    ],
    [
      'a score of another shape, with the remedy',
      ({ logits }: { logits: unknown }) => logits,
      { code: 'OOD_DETECTOR_FAILED', fix: expect.stringMatching(/^Reduce everything but the first axis/) },
    ],
  ])('names the detector, at its place: %s', async (_, score, expected) => {
    await expect(checked(scorer(score))).rejects.toMatchObject({
      ...expected,
      place: { file: 'tiny.yaml', line: 1 },
    });
  });

  it("names the line of the plugin's file that failed", async () => {
    const folder = folderOf({
      'mine.mjs': `import { definePlugin, defineScorer, z } from '@oodkit/core';
const mine = defineScorer({
  name: 'mine',
  params: z.object({}),
  score: ({ logits }) =>
    logits.times(2),
});
export default definePlugin({ name: 'mine', scorers: [mine] });`,
    });
    const place = { file: 'experiment.yaml', line: 1, column: 1 };
    const [loaded] = await loadPlugin({ specifier: './mine.mjs', folder, place });
    await expect(checked(loaded!.plugin.scorers![0]!)).rejects.toMatchObject({
      message: expect.stringContaining(
        `logits.times is not a function (${path.join(folder, 'mine.mjs')}:6)`,
      ) as unknown,
    });
  });
});
