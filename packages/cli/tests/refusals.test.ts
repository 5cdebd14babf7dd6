import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { writeNpy } from '@farout/checkpoints';
import type { RunResults } from '@farout/core';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'farout-refusals-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const saved = (name: string, data: Float32Array | Int32Array, shape: number[]) =>
  writeFileSync(path.join(folder, name), writeNpy({ data, shape }));

const classes = 4;
/** A row for each class, a little larger than the one before: feature k is logit k, so that class k is predicted. */
const predicting = (...predicted: number[]) =>
  Float32Array.from({ length: predicted.length * classes }, (_, i) => {
    const row = Math.floor(i / classes);
    return i % classes === predicted[row] ? 5 + row / 10 : 1 + row / 100;
  });

/** Of these detectors each needs of every class what photographs-all.yaml lacks of most: three of the four classes of the fit set have images. */
const experiment = `
name: few
device: cpu
store: store
backbone: { features: { weight: w.npy } }
datasets:
  fit: { features: { file: fit.npy, labels: labels.npy, arrays: { layer4: fit-map.npy } } }
  inside: { features: { file: test.npy, limit: 2, arrays: { layer4: test-map.npy } } }
  outside: { features: { file: test.npy, from: 2, arrays: { layer4: test-map.npy } } }
id: inside
fit: fit
ood: [outside]
detectors:
  Energy: energy
  OpenMax: openmax
  SHE: she
  Mahalanobis: mahalanobis
  Mahalanobis++: mahalanobis++
  RMDS: rmds
  RMDS++: rmds++
  CARef: caref
  CADRef: cadref
  Gram: gram
  Mahalanobis ensemble: mahalanobis-ensemble
metrics: [auroc]
`;

const larger = 'Use a larger fit set, with images of each class.';
const every = 'Fit on images of every class.';
const noClass = `the fit set has no image of class 2 of the network's 4. ${every}`;
const refusals = {
  OpenMax: `openmax needs three correctly classified images of each class in the fit set; 3 of 4 classes have too few: 1, 2, 3. ${larger}`,
  SHE: `she needs a correctly classified image of each class in the fit set; 2 of 4 classes have too few: 2, 3. ${larger}`,
  Mahalanobis: noClass,
  'Mahalanobis++': noClass,
  RMDS: noClass,
  'RMDS++': noClass,
  CARef: `caref needs an image predicted as each class in the fit set; 2 of 4 classes have too few: 2, 3. ${larger}`,
  CADRef: `cadref needs an image predicted as each class in the fit set; 2 of 4 classes have too few: 2, 3. ${larger}`,
  Gram: noClass,
  'Mahalanobis ensemble': noClass,
};

it('what learns of each class refuses a fit set without some, in a sentence of its own, and costs its own row alone', async () => {
  saved('w.npy', Float32Array.from({ length: classes ** 2 }, (_, i) => Number(i % (classes + 1) === 0)), [classes, classes]); // prettier-ignore
  saved('fit.npy', predicting(0, 0, 0, 1, 1), [5, classes]);
  // The last image shows class 3 and is taken for class 1.
  saved('labels.npy', Int32Array.of(0, 0, 0, 1, 3), [5]);
  saved('test.npy', predicting(2, 3, 1, 0), [4, classes]);
  for (const [name, count] of [
    ['fit-map', 5],
    ['test-map', 4],
  ] as const)
    // prettier-ignore
    saved(`${name}.npy`, Float32Array.from({ length: count * classes * 4 }, (_, i) => Math.sin(i)), [count, classes, 2, 2]);
  writeFileSync(path.join(folder, 'few.yaml'), experiment);
  const { code } = await runCli(['run', 'few.yaml', '--out', 'run', '--no-report'], { cwd: folder });
  const { failed, results } = JSON.parse(readFileSync(path.join(folder, 'run', 'results.json'), 'utf8')) as RunResults;
  expect(Object.fromEntries(failed.map(({ detector, message }) => [detector, message]))).toEqual(refusals);
  expect([...new Set(results.map(({ detector }) => detector))]).toEqual(['Energy']);
  expect(code).toBe(1);
});
