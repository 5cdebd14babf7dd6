import path from 'node:path';
import { expect, it } from '@jest/globals';
import { defineBackbone, imageParameters, z } from '@farout/core';
import { constant } from '@farout/tensor';
import { runExperiment } from '../../src/run-experiment.ts';
import {
  classes,
  CountingProgress,
  detector,
  firstFeature,
  headBias,
  headWeight,
  part,
  silent,
  temporaryFolder,
  tinyExperiment,
  writeImages,
} from '../fixtures/tiny.ts';

/** The tiny backbone with weights of one's own: its features times `scale`, and its head. */
const backboneOf = (scale: number, weight: Float32Array) =>
  defineBackbone({
    name: 'tiny',
    params: z.object({ ...imageParameters }),
    open: () =>
      Promise.resolve({
        features: (image) => image.mean([2, 3]).mul(scale),
        head: {
          weight: constant({ data: weight, shape: [classes, 3] }),
          bias: constant({ data: headBias, shape: [classes] }),
        },
      }),
  });

it('the hashes of a run tell networks and last layers apart, and are those of the next run', async () => {
  const folder = await temporaryFolder();
  const id = await writeImages(path.join(folder, 'id'), 0, 3);
  const ood = await writeImages(path.join(folder, 'ood'), 100, 103);
  const base = tinyExperiment({ id, ood, detectors: [detector('First', firstFeature)] }, path.join(folder, 'store'));
  const hashes = async (scale: number, weight: Float32Array) => {
    const backbone = part(backboneOf(scale, weight), base.backbone.params);
    const options = { out: path.join(folder, 'run'), logger: silent, progress: new CountingProgress(), reporters: [] };
    return (await runExperiment({ ...base, backbone }, options)).results.hashes;
  };
  const first = await hashes(1, headWeight);
  expect(await hashes(1, headWeight)).toEqual(first);
  const ofOtherFeatures = await hashes(2, headWeight);
  const ofOtherHead = await hashes(
    1,
    headWeight.map((value) => value + 1),
  );
  expect(ofOtherFeatures.backbone).not.toBe(first.backbone);
  expect(ofOtherFeatures.head).toBe(first.head);
  expect(ofOtherHead.backbone).toBe(first.backbone);
  expect(ofOtherHead.head).not.toBe(first.head);
});
