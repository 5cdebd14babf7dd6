import { mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { runExperiment } from '../src/run-experiment.ts';
import {
  CountingProgress,
  detector,
  firstFeature,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from './fixtures/tiny.ts';

it('writes a run through a link to where it leads, and leaves the link', async () => {
  const folder = await temporaryFolder();
  const [there, out] = [path.join(folder, 'there'), path.join(folder, 'link')];
  await mkdir(there);
  await symlink(there, out);
  const images = await writeImages(path.join(folder, 'images'), 0, 4);
  const parts = { id: images, ood: images, detectors: [detector('First', firstFeature)] };
  const experiment = tinyExperiment(parts, path.join(folder, 'store'));
  await runExperiment(experiment, { out, logger: silent, progress: new CountingProgress(), reporters: [] });
  expect(await readlink(out)).toBe(there);
  expect(await readdir(there)).toContain('results.json');
});
