import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunResults } from '@farout/core';
import { exportDetector } from '@farout/deploy';
import { idImages, openRunDetector, prepareImage, type RunDetectorRequest } from '@farout/runner';
import { openSession } from '@farout/runtime';
import { chromiumFile } from '../../packages/cli/tests/chromium-file.ts';
import { chromiumScores, type Given } from '../../packages/cli/tests/chromium-scores.ts';
import { builtIns } from '../../packages/cli/src/built-ins.ts';
import { farout } from '../farout-process.ts';
import { atMost, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';

/** How many ID images of the demonstration are scored. */
const images = 12;
/** Detectors that are functions over rows and cannot be exported. */
const overRows = ['WeiPer', 'KNN', 'NNGuide', 'Relation'];

/** All detectors of the demonstration as files, with onnxruntime-web in Chromium and with onnxruntime-node. */
export async function inChromium({ folder }: Workplace): Promise<Check[]> {
  if (!chromiumFile) {
    console.log('Skipped: Chromium not found. Set FAROUT_CHROMIUM to its path.');
    return [];
  }
  const run = path.join(folder, 'all');
  const counts = ['objects=200', 'noise=40', 'textures=40'].map((each) => each.split('='));
  const few = counts.flatMap(([set, count]) => ['--set', `datasets.${set}.demo-images.count=${count}`]);
  const words = ['--set', `store=${folder}/store`, '--set', 'ood=[noise, textures]', '--set', 'groups={}', ...few];
  const ended = await farout(['run', 'configs/demo-all.yaml', '--no-report', '--out', run, ...words]);
  if (ended.code !== 0) throw new Error(ended.stderr);
  const results = JSON.parse(readFileSync(path.join(run, 'results.json'), 'utf8')) as RunResults;
  const detectors = Object.keys(results.thresholds).filter((name) => !overRows.includes(name));
  const request = { folder: run, builtIns, plugins: [], set: [], cwd: folder };
  const pixels = await preparedImages({ ...request, detector: detectors[0]! }, results.datasets.objects!.images);
  const models: Uint8Array[] = [];
  for (const detector of detectors)
    models.push((await exportDetector({ ...request, detector, tpr: 0.95, input: 'pixels' })).bytes);
  const found = await chromiumScores(models, pixels);
  const compared = await Promise.all(models.map(async (model, at) => compare(await byNode(model, pixels), found[at]!)));
  return [
    atMost(
      `${detectors.length} detectors in Chromium: scores`,
      Math.max(...compared.map((each) => each.difference)),
      1e-5,
    ),
    atMost(
      'decisions moved',
      compared.reduce((sum, { moved }) => sum + moved, 0),
      0,
    ),
  ];
}

async function preparedImages(request: RunDetectorRequest, count: number): Promise<readonly Uint8Array[]> {
  const opened = await openRunDetector(request);
  const found: Uint8Array[] = [];
  for await (const { image } of idImages(opened, Math.floor(count / images)))
    found.push((await prepareImage(image, opened.experiment.backbone.params)).pixels!);
  return found;
}

async function byNode(model: Uint8Array, images: readonly Uint8Array[]): Promise<readonly Given[]> {
  const session = await openSession(model, { threads: 1 });
  const given: Given[] = [];
  for (const pixels of images) {
    const { score, is_in_distribution: isId } = await session.run({ pixels: { data: pixels, shape: [1, 64, 64, 3] } });
    given.push({ score: Number(score!.data[0]), isId: isId!.data[0] === 1 });
  }
  await session.release();
  return given;
}

/** The largest difference relative to the largest score, and the number of different decisions. */
function compare(given: readonly Given[], found: readonly Given[]) {
  const largest = Math.max(...given.map(({ score }) => Math.abs(score)));
  const differences = given.map(({ score }, at) => Math.abs(score - found[at]!.score) / largest);
  return {
    difference: Math.max(...differences),
    moved: given.filter(({ isId }, at) => isId !== found[at]!.isId).length,
  };
}
