import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { defineHook, defineScorer, z, type ReportData } from '@farout/core';
import { runExperiment } from '../../src/run-experiment.ts';
import { CountingProgress, detector, part, temporaryFolder, tinyExperiment, writeImages } from '../fixtures/tiny.ts';

const maxLogit = defineScorer({ name: 'max-logit', params: z.object({}), score: ({ logits }) => logits.max() });
const clip = defineHook({ name: 'clip', params: z.object({}), features: (h) => h.minimum(0.5) });

/** Scores, but cannot be built a second time, to be drawn. */
function buildsOnce() {
  let isBuilt = false;
  return defineHook({
    name: 'once',
    params: z.object({}),
    features: (h) => {
      if (isBuilt) throw new Error('only once');
      isBuilt = true;
      return h.mul(2);
    },
  });
}

it('what one hook does that cannot be drawn is lacking, with a warning, and what the others do is there', async () => {
  const folder = await temporaryFolder();
  const id = await writeImages(path.join(folder, 'id'), 0, 4);
  const ood = await writeImages(path.join(folder, 'ood'), 100, 103);
  const detectors = [detector('Once', maxLogit, [part(buildsOnce())]), detector('Clip', maxLogit, [part(clip)])];
  const warnings: string[] = [];
  const { out, results } = await runExperiment(tinyExperiment({ id, ood, detectors }, path.join(folder, 'store')), {
    out: path.join(folder, 'run'),
    logger: { info: () => undefined, warn: (sentence) => warnings.push(sentence) },
    progress: new CountingProgress(),
    reporters: [],
  });
  expect(results.failed).toEqual([]);
  expect(warnings).toEqual(['The report lacks what the hooks of "Once" do: only once']);
  const data = JSON.parse(await readFile(path.join(out, 'report-data.json'), 'utf8')) as ReportData;
  expect(data.rectifications.map((one) => one.detectors)).toEqual([['Clip']]);
});
