import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defineBackbone, imageParameters, z, type FileOutput } from '@farout/core';
import { onnxOperator, writeOnnx } from '@farout/onnx';
import { constant, input, type Tensor } from '@farout/tensor';
import type { Experiment } from '../../src/experiment.ts';
import { compareOutput } from '../../src/prepare/compare-output.ts';
import { ForeignFiles } from '../../src/extraction/trials.ts';
import { openBackbone, type OpenedBackbone } from '../../src/prepare/backbone.ts';
import { part, side, temporaryFolder, tinyExperiment, writeImages } from '../fixtures/tiny.ts';

const weight = constant({ data: Float32Array.of(1, 2, -1, 0, 1, 3, 2, -2, 0), shape: [3, 3] });
const biasOf = (second: number) => constant({ data: Float32Array.of(0.1, second, -0.3), shape: [3] });
/** The bias of the last layer: none of its classes masked, or one by −∞ or by a large number. */
const biases = { plain: biasOf(0.2), masking: biasOf(-Infinity), finite: biasOf(-1e9) };
type Head = keyof typeof biases;
const params = { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side };

/** What a file makes of its logits and features. */
type Network = (logits: Tensor, features: Tensor) => Tensor;
const networks = new Map<string, { readonly network: Network; readonly heads: readonly Head[] }>();

/** The name of an output that is there behind these heads: one file each, so that it is opened once for all its outputs. */
function result(network: Network, ...heads: Head[]): string {
  const name = `result ${networks.size}`;
  networks.set(name, { network, heads: heads.length > 0 ? heads : ['plain'] });
  return name;
}

/** A backbone of a file whose features are the means of the colours. */
const backboneOf = (file: string, bias: Tensor) =>
  defineBackbone({
    name: 'claims',
    params: z.object({ ...imageParameters }),
    open: async (_, { onnx }) => {
      const model = await onnx(file);
      const features = (image: Tensor) => model.trace({ image }).get('features')!;
      return { features, head: { weight, bias }, output: { name: 'features', of: 'logits' } };
    },
  });

async function openNetwork(head: Head): Promise<OpenedBackbone> {
  const features = input('image', ['N', 3, side, side]).mean([2, 3]);
  const logits = features.linear(weight, biases[head]);
  const ofHead = [...networks].filter(([, { heads }]) => heads.includes(head));
  const outputs = ofHead.map(([name, { network }]) => [name, network(logits, features)] as const);
  const file = path.join(folder, `${head}.onnx`);
  await writeFile(file, writeOnnx({ features, ...Object.fromEntries(outputs) }));
  return openBackbone({ backbone: part(backboneOf(file, biases[head]), params) } as unknown as Experiment, files);
}

let folder: string;
let files: ForeignFiles;
let opened: Readonly<Record<Head, OpenedBackbone>>;
beforeAll(async () => {
  folder = await temporaryFolder();
  files = new ForeignFiles();
  const [plain, masking, finite] = [await openNetwork('plain'), await openNetwork('masking'), await openNetwork('finite')]; // prettier-ignore
  opened = { plain, masking, finite };
});
afterAll(() => files.close());

/** The network, with a claim of one of its outputs. */
const claiming = (name: string, as: Omit<FileOutput, 'name'>, head: Head): OpenedBackbone => ({
  ...opened[head],
  scored: { ...opened[head].scored!, output: { name, ...as } },
});

/** Compares an output on random images. */
async function compare(name: string, as: Omit<FileOutput, 'name'>, head: Head = 'plain'): Promise<void> {
  const experiment = tinyExperiment({ id: [], ood: [], detectors: [] }, folder);
  await compareOutput(experiment, claiming(name, as, head), files);
}

const node = (type: string, x: Tensor) => onnxOperator(type, [x], { axis: 1 })[0]!;

describe('compareOutput', () => {
  it.each([
    ['the logits', result((z) => z, 'plain', 'masking'), { of: 'logits' }],
    ['one of the logits', result((z) => z.slice(1, 1, 2), 'plain', 'masking'), { of: 'logits', column: 1 }],
    ['probabilities', result((z) => node('Softmax', z), 'plain', 'masking'), { of: 'softmax' }],
    [
      'one probability',
      result((z) => node('Softmax', z).slice(1, 2, 3), 'plain', 'masking'),
      { of: 'softmax', column: 2 },
    ],
    ['their logarithms', result((z) => node('LogSoftmax', z), 'plain', 'masking'), { of: 'log-softmax' }],
    ['a label', result((z) => z.argMax(1), 'plain', 'masking'), { of: 'label' }],
  ] as const)('agrees with a file that gives %s', async (_, name, as) => {
    await compare(name, as);
    await compare(name, as, 'masking');
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
    ['before a temperature', result((z) => rounded(z.mul(2), 0.2).div(2)), { of: 'logits' }],
    ['before a scale', result((z) => rounded(z.mul(0.5), 0.05).mul(2)), { of: 'logits' }],
    [
      'before a shift',
      result((z) => rounded(z.sub(weight.slice(0, 0, 1)), 0.1).add(weight.slice(0, 0, 1))),
      { of: 'logits' },
    ],
    ['before a normalisation', result((z) => normalised(rounded(z, 0.1))), { of: 'logits' }],
    ['twice', result((z) => rounded(rounded(z, 0.1), 0.15)), { of: 'logits' }],
    ['before a softmax', result((z) => node('Softmax', rounded(z, 0.1))), { of: 'softmax' }],
    [
      'before a scaled log-softmax',
      result((z) => node('LogSoftmax', rounded(z.mul(2), 0.2).div(2))),
      { of: 'log-softmax' },
    ],
    [
      'before and behind a softmax',
      result((z) => rounded(node('Softmax', rounded(z, 0.1)), 1 / 127)),
      { of: 'softmax' },
    ],
  ] as const)('agrees with a file that rounds to eight bits %s', async (_, name, as) => {
    await compare(name, as);
  });

  it.each([
    ['a temperature', result((z) => rounded(z, 0.02).div(2)), { of: 'logits' }],
    ['a temperature before a softmax', result((z) => node('Softmax', rounded(z.mul(2), 0.02))), { of: 'softmax' }],
    ['what eight bits cut off', result((z) => rounded(z, 0.002)), { of: 'logits' }],
  ] as const)('sees behind rounded logits %s', async (_, name, as) => {
    await expect(compare(name, as)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      fix: expect.stringContaining('without its last linear layer') as unknown,
    });
  });

  const stretched = result((_, h) => h.mul(1.01));

  it('holds the features of an encoder to what its file gives', async () => {
    await compare('features', { of: 'features' });
    await expect(compare(stretched, { of: 'features' })).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringContaining('differs from what the encoder gives for random image 1') as unknown,
      fix: expect.stringContaining('Export the encoder again') as unknown,
    });
  });

  const same = result((z) => z, 'plain', 'finite');
  const shifted = result((z) => z.add(biases.plain), 'finite');

  it('lets a class that is masked by a large number hide no difference of the others', async () => {
    await compare(same, { of: 'logits' }, 'finite');
    const refused = compare(shifted, { of: 'logits' }, 'finite');
    await expect(refused).rejects.toMatchObject({ code: 'OOD_ONNX_REFUSED' });
  });

  it.each([
    ['a temperature', result((z) => z.div(1.01)), { of: 'logits' }],
    ['a softmax', result((z) => node('Softmax', z)), { of: 'logits' }],
    ['a temperature before a softmax', result((z) => node('Softmax', z.mul(1.01))), { of: 'softmax' }],
    ['a class that is masked', result((z) => z.add(biases.masking)), { of: 'logits' }],
    ['another class', result((z) => z.slice(1, 0, 1)), { of: 'logits', column: 1 }],
    ['a label of the smallest', result((z) => z.neg().argMax(1)), { of: 'label' }],
    ['a class less', result((z) => z.slice(1, 1, 3)), { of: 'logits' }],
  ] as const)('refuses a file behind whose head was overlooked: %s', async (_, name, as) => {
    const error: unknown = await compare(name, as).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringMatching(
        /^its output "result \d+" differs from what its last linear layer gives for random image 1: /,
      ) as unknown,
    });
    expect((error as Error).message).not.toContain('NaN');
  });

  // The mean of random pixels is a half.
  const ofExtremes = result((z, h) => z.add(h.sub(0.5).abs().sub(0.25).relu()));

  it('sees what only photographs show: the first of every set that can be read are compared, by name', async () => {
    const [id, ood] = [await writeImages(folder, 0, 2), await writeImages(folder, 2, 3)];
    const experiment = tinyExperiment({ id, ood, detectors: [] }, path.join(folder, 'store'));
    await writeFile(path.join(folder, '0.png'), 'no image');
    const datasets = new Map([
      ['inside', { images: id }],
      ['outside', { images: ood }],
    ]);
    await compareOutput(experiment, claiming(same, { of: 'logits' }, 'plain'), files, datasets);
    const extreme = claiming(ofExtremes, { of: 'logits' }, 'plain');
    await compareOutput(experiment, extreme, files);
    await expect(compareOutput(experiment, extreme, files, datasets)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringContaining('differs from what its last linear layer gives for 1.png: ') as unknown,
      place: { file: 'tiny.yaml' },
    });
  });
});
