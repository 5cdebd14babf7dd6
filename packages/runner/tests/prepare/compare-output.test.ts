import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineBackbone, imageParameters, z, type FileOutput } from '@farout/core';
import { onnxOperator, writeOnnx } from '@farout/onnx';
import { constant, input, type Tensor } from '@farout/tensor';
import type { Experiment } from '../../src/experiment.ts';
import { compareOutput } from '../../src/prepare/compare-output.ts';
import { ForeignFiles } from '../../src/extraction/trials.ts';
import { openBackbone } from '../../src/prepare/backbone.ts';
import { part, side, temporaryFolder, tinyExperiment, writeImages } from '../fixtures/tiny.ts';

let folder: string;
let files: ForeignFiles;
beforeEach(async () => {
  folder = await temporaryFolder();
  files = new ForeignFiles();
});
afterEach(() => files.close());

const weight = constant({ data: Float32Array.of(1, 2, -1, 0, 1, 3, 2, -2, 0), shape: [3, 3] });
const bias = constant({ data: Float32Array.of(0.1, 0.2, -0.3), shape: [3] });
const params = { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side };

/** A backbone that says of a file's output what `as` says, whatever it is. */
const claims = (file: string, as: Omit<FileOutput, 'name'>, head = { weight, bias }) =>
  defineBackbone({
    name: 'claims',
    params: z.object({ ...imageParameters }),
    open: async (_, { onnx }) => {
      const model = await onnx(file);
      const features = (image: Tensor) => model.trace({ image }).get('features')!;
      return { features, head, output: { name: 'result', ...as } };
    },
  });

/** Opens a network whose features are the means of the colours. */
async function open(
  network: (logits: Tensor, features: Tensor) => Tensor,
  as: Omit<FileOutput, 'name'>,
  head = { weight, bias },
) {
  const features = input('image', ['N', 3, side, side]).mean([2, 3]);
  const file = path.join(folder, 'network.onnx');
  // Another one may have been there.
  await files.close();
  await writeFile(file, writeOnnx({ features, result: network(features.linear(head.weight, head.bias), features) }));
  return openBackbone({ backbone: part(claims(file, as, head), params) } as unknown as Experiment, files);
}

/** Opens it and compares it on random images. */
async function compare(...network: Parameters<typeof open>): Promise<void> {
  const experiment = tinyExperiment({ id: [], ood: [], detectors: [] }, folder);
  await compareOutput(experiment, await open(...network), files);
}

const node = (type: string, x: Tensor) => onnxOperator(type, [x], { axis: 1 })[0]!;
const masking = { weight, bias: constant({ data: Float32Array.of(0.1, -Infinity, -0.3), shape: [3] }) };

describe('compareOutput', () => {
  it.each([
    ['the logits', (z: Tensor) => z, { of: 'logits' }],
    ['one of the logits', (z: Tensor) => z.slice(1, 1, 2), { of: 'logits', column: 1 }],
    ['probabilities', (z: Tensor) => node('Softmax', z), { of: 'softmax' }],
    ['one probability', (z: Tensor) => node('Softmax', z).slice(1, 2, 3), { of: 'softmax', column: 2 }],
    ['their logarithms', (z: Tensor) => node('LogSoftmax', z), { of: 'log-softmax' }],
    ['a label', (z: Tensor) => z.argMax(1), { of: 'label' }],
  ] as const)('agrees with a file that gives %s', async (_, network, as) => {
    await compare(network, as);
    await compare(network, as, masking);
  });

  const rounded = (x: Tensor, step: number) => {
    const [scale, zero] = [
      { data: Float32Array.of(step), shape: [] },
      { data: Int8Array.of(0), shape: [] },
    ];
    const how = [constant(scale), constant(zero)];
    return onnxOperator('DequantizeLinear', [onnxOperator('QuantizeLinear', [x, ...how])[0]!, ...how])[0]!;
  };
  const normalised = (x: Tensor) => {
    const [one, zero] = [1, 0].map((value) => constant({ data: new Float32Array(3).fill(value), shape: [3] }));
    return onnxOperator('BatchNormalization', [x, one!, zero!, zero!, one!], { epsilon: { float: 0 } })[0]!;
  };

  it.each([
    ['before a temperature', (z: Tensor) => rounded(z.mul(2), 0.2).div(2), { of: 'logits' }],
    ['before a scale', (z: Tensor) => rounded(z.mul(0.5), 0.05).mul(2), { of: 'logits' }],
    [
      'before a shift',
      (z: Tensor) => rounded(z.sub(masking.weight.slice(0, 0, 1)), 0.1).add(masking.weight.slice(0, 0, 1)),
      { of: 'logits' },
    ],
    ['before a normalisation', (z: Tensor) => normalised(rounded(z, 0.1)), { of: 'logits' }],
    ['twice', (z: Tensor) => rounded(rounded(z, 0.1), 0.15), { of: 'logits' }],
    ['before a softmax', (z: Tensor) => node('Softmax', rounded(z, 0.1)), { of: 'softmax' }],
    [
      'before a scaled log-softmax',
      (z: Tensor) => node('LogSoftmax', rounded(z.mul(2), 0.2).div(2)),
      { of: 'log-softmax' },
    ],
    [
      'before and behind a softmax',
      (z: Tensor) => rounded(node('Softmax', rounded(z, 0.1)), 1 / 127),
      { of: 'softmax' },
    ],
  ] as const)('agrees with a file that rounds to eight bits %s', async (_, network, as) => {
    await compare(network, as);
  });

  it.each([
    ['a temperature', (z: Tensor) => rounded(z, 0.02).div(2), { of: 'logits' }],
    ['a temperature before a softmax', (z: Tensor) => node('Softmax', rounded(z.mul(2), 0.02)), { of: 'softmax' }],
    ['what eight bits cut off', (z: Tensor) => rounded(z, 0.002), { of: 'logits' }],
  ] as const)('sees behind rounded logits %s', async (_, network, as) => {
    await expect(compare(network, as)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      fix: expect.stringContaining('without its last linear layer') as unknown,
    });
  });

  const finite = { weight, bias: constant({ data: Float32Array.of(0.1, -1e9, -0.3), shape: [3] }) };

  it('lets a class that is masked by a large number hide no difference of the others', async () => {
    await compare((z) => z, { of: 'logits' }, finite);
    const refused = compare((z) => z.add(bias), { of: 'logits' }, finite);
    await expect(refused).rejects.toMatchObject({ code: 'OOD_ONNX_REFUSED' });
  });

  it.each([
    ['a temperature', (z: Tensor) => z.div(1.01), { of: 'logits' }],
    ['a softmax', (z: Tensor) => node('Softmax', z), { of: 'logits' }],
    ['a temperature before a softmax', (z: Tensor) => node('Softmax', z.mul(1.01)), { of: 'softmax' }],
    ['a class that is masked', (z: Tensor) => z.add(masking.bias), { of: 'logits' }],
    ['another class', (z: Tensor) => z.slice(1, 0, 1), { of: 'logits', column: 1 }],
    ['a label of the smallest', (z: Tensor) => z.neg().argMax(1), { of: 'label' }],
    ['a class less', (z: Tensor) => z.slice(1, 1, 3), { of: 'logits' }],
  ] as const)('refuses a file behind whose head was overlooked: %s', async (_, network, as) => {
    const error: unknown = await compare(network, as).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringMatching(
        /^its output "result" is not what its last linear layer gives for random image 1: /,
      ) as unknown,
    });
    expect((error as Error).message).not.toContain('NaN');
  });

  it('sees what only photographs show: the first of every set that can be read are compared, by name', async () => {
    const [id, ood] = [await writeImages(folder, 0, 2), await writeImages(folder, 2, 3)];
    const experiment = tinyExperiment({ id, ood, detectors: [] }, path.join(folder, 'store'));
    await writeFile(path.join(folder, '0.png'), 'no image');
    const datasets = new Map([
      ['inside', { images: id }],
      ['outside', { images: ood }],
    ]);
    await compareOutput(experiment, await open((z) => z, { of: 'logits' }), files, datasets);
    // The mean of random pixels is a half.
    const ofExtremes = (z: Tensor, h: Tensor) => z.add(h.sub(0.5).abs().sub(0.25).relu());
    const opened = await open(ofExtremes, { of: 'logits' });
    await compareOutput(experiment, opened, files);
    await expect(compareOutput(experiment, opened, files, datasets)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringContaining('is not what its last linear layer gives for 1.png: ') as unknown,
      place: { file: 'tiny.yaml' },
    });
  });
});
