import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { defineBackbone, imageParameters, z, type BackboneDefinition } from '@farout/core';
import { onnxOperator, writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import { constant, input, type Tensor } from '@farout/tensor';
import type { Experiment } from '../../src/experiment.ts';
import { runOnPixels } from '../../src/extraction/batch.ts';
import { openBackbone } from '../../src/prepare/backbone.ts';
import { ForeignFiles } from '../../src/extraction/trials.ts';
import { part, side, temporaryFolder } from '../fixtures/tiny.ts';

let file: string;
let files: ForeignFiles;
beforeEach(async () => {
  file = path.join(await temporaryFolder(), 'network.onnx');
  files = new ForeignFiles();
});
afterEach(() => files.close());

const ones = (...shape: number[]): Tensor =>
  constant({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape });

/** The mean over all places, also of what has no known shape. */
const meansOf = (x: Tensor): Tensor =>
  onnxOperator('ReduceMean', [x, constant({ data: BigInt64Array.of(2n, 3n), shape: [2] })], { keepdims: 0 })[0]!;

/** A backbone that takes an output of an ONNX file for features. */
const fromFile = (bias = ones(2)): BackboneDefinition =>
  defineBackbone({
    name: 'from-file',
    params: z.object({ ...imageParameters }),
    open: async (_, { onnx }) => {
      const model = await onnx(file);
      return {
        features: (image) => model.trace({ image }).get('features')!.reshape([image.shape[0]!, 3]),
        head: { weight: ones(2, 3), bias },
      };
    },
  });

/** Opens it over a network that is written for single images. */
async function open(network: (image: Tensor) => Tensor, batch: number | string = 1, bias?: Tensor) {
  // Another one may have been there.
  await files.close();
  await writeFile(file, writeOnnx({ features: network(input('image', [batch, 3, side, side])) }));
  const params = { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side };
  return openBackbone({ backbone: part(fromFile(bias), params) } as unknown as Experiment, files);
}

/** Pixels as the network sees them: each colour by itself, of 0 to 1. */
const planes = (pixels: Uint8Array) =>
  Float32Array.from(pixels, (_, i) => pixels[(i % (side * side)) * 3 + Math.floor(i / (side * side))]! / 255);

describe('openBackbone with an ONNX file', () => {
  it('makes batches of what the file has for single images', async () => {
    const opened = await open((image) =>
      image
        .reshape([3, side * side])
        .mean(1)
        .reshape([1, 3]),
    );
    expect(opened.featureWidth).toBe(3);
  });

  const mixing: Record<string, (image: Tensor) => Tensor> = {
    'a mean over the batch': (image) =>
      image
        .sub(image.mean(0, { keepDims: true }))
        .exp()
        .mean([2, 3]),
    'scales of eight bits that are found anew for every batch': (image) => {
      const [q, scale, zero] = onnxOperator('DynamicQuantizeLinear', [image], {}, { results: 3 });
      return onnxOperator('DequantizeLinear', [q!, scale!, zero!])[0]!.mean([2, 3]);
    },
    'positions that are asked for': (image) => {
      const [places] = onnxOperator('NonZero', [image]);
      const count = onnxOperator('Cast', onnxOperator('Shape', [places!]), { to: 1 })[0]!;
      return meansOf(onnxOperator('Div', [image, onnxOperator('ReduceMax', [count], { keepdims: 0 })[0]!])[0]!);
    },
  };

  it.each(Object.entries(mixing))(
    'takes images one by one where a batch gives something else: %s',
    async (_, network) => {
      for (const batch of [1, 'batch']) {
        const { graph, images } = await open(network, batch);
        expect(images.image.shape).toEqual([1, 3, side, side]);
        const session = await openSession(Buffer.concat(graph), { threads: 1 });
        const bare = await openSession(file, { threads: 1 });
        const pixels = Uint8Array.from({ length: 2 * side * side * 3 }, (_value, i) => (i * 97) % 251);
        const { features: rows } = await runOnPixels(session, { data: pixels, shape: [2, side, side, 3] });
        for (const [i, image] of [
          planes(pixels.subarray(0, pixels.length / 2)),
          planes(pixels.subarray(pixels.length / 2)),
        ].entries()) {
          const { features } = await bare.run({ image: { data: image, shape: [1, 3, side, side] } });
          const [ours, theirs] = [rows!.data.slice(i * 3, i * 3 + 3), features!.data].map((row) =>
            Array.from(row, Number),
          );
          theirs!.forEach((value, k) =>
            expect(Math.abs(value - ours![k]!)).toBeLessThanOrEqual(1e-5 * Math.abs(value) + 1e-7),
          );
        }
        await session.release();
        await bare.release();
      }
    },
  );

  const broken: Record<string, [(image: Tensor) => Tensor, RegExp]> = {
    'it does not run': [
      (image) =>
        onnxOperator(
          'Conv',
          [image, ones(3, 3, 3, 3)],
          { auto_pad: 'SAME_UPPER', dilations: [2, 2] },
          { domain: 'ai.onnx' },
        )[0]!,
      /^onnxruntime cannot run it: .*Dilation not supported/,
    ],
    'gives something else each time': [
      (image) => onnxOperator('Add', [image, onnxOperator('RandomNormalLike', [image])[0]!])[0]!,
      /^its output "features" differs here from onnxruntime alone: \S+ instead of \S+$/,
    ],
  };

  it.each(Object.entries(broken))(
    'refuses by name a file that onnxruntime finds valid and that %s',
    async (_, [network, message]) => {
      const refused = open((image) => meansOf(network(image)));
      await expect(refused).rejects.toMatchObject({
        code: 'OOD_ONNX_REFUSED',
        message: expect.stringMatching(message) as unknown,
      });
    },
  );

  it('takes infinities for equal to their like', async () => {
    const masked = constant({ data: Float32Array.of(0, -Infinity, -Infinity), shape: [3] });
    expect((await open((image) => image.mean([2, 3]).add(masked))).featureWidth).toBe(3);
  });

  it('says what onnxruntime says about an operator that it does not have', async () => {
    const unknown = (image: Tensor) =>
      onnxOperator('Fancy', [image.mean([2, 3])], {}, { domain: 'com.example', version: 1 })[0]!.reshape(['n', 3]);
    await expect(open(unknown)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringMatching(/^onnxruntime cannot open it: .*com\.example/s) as unknown,
    });
  });

  it('refuses weights that are not finite, by their names, and takes a bias that masks a class', async () => {
    const numbers = (name: string, ...values: number[]) =>
      constant({ data: Float32Array.from(values), shape: [values.length] }, name);
    await expect(open((image) => image.mean([2, 3]).add(numbers('shift', 0, NaN, 0)))).rejects.toMatchObject({
      code: 'OOD_WEIGHTS_INVALID',
      message:
        'network.onnx: it contains weights that are not finite\n  shift: 1 of 3 numbers, the first is NaN at [1]',
      fix: expect.stringContaining('float16') as unknown,
    });
    const masked = numbers('fc.bias', 0, -Infinity);
    await expect(open((image) => image.mean([2, 3]), 1, masked)).resolves.toMatchObject({ classes: 2 });
    await expect(open((image) => image.mean([2, 3]), 1, numbers('fc.bias', 0, Infinity))).rejects.toMatchObject({
      code: 'OOD_WEIGHTS_INVALID',
      message:
        'the backbone "from-file" has a last layer that is not finite: fc.bias: 1 of 2 numbers, the first is Infinity at [1]',
    });
  });

  it('names a file that is none', async () => {
    await writeFile(file, 'not an ONNX file');
    const params = { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side };
    const opened = openBackbone({ backbone: part(fromFile(), params) } as unknown as Experiment, files);
    await expect(opened).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: 'network.onnx: it is not an ONNX model, or it is damaged',
      place: { file: 'tiny.yaml', line: 1, column: 1 },
    });
  });

  it.each([
    ['its parameter, whatever that is called', true, 7],
    ['the backbone, where no parameter has it for a value', false, 1],
  ])('names a file that is none at the place of %s', async (_, isNamed, line) => {
    await writeFile(file, 'not an ONNX file');
    const recipe = { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side };
    const { place, ...rest } = part(fromFile(), { weights: 'another', network: isNamed ? file : 'another', ...recipe });
    const placeOf = (parameter: string) => ({ ...place, line: parameter === 'network' ? 7 : 9 });
    const experiment = { backbone: { ...rest, place, placeOf } } as unknown as Experiment;
    await expect(openBackbone(experiment, files)).rejects.toMatchObject({ place: { line } });
  });

  it('names the one that is none of two that are read at once', async () => {
    await writeFile(file, 'not an ONNX file');
    const other = `${file}.other`;
    await writeFile(other, writeOnnx({ features: meansOf(input('image', [1, 3, side, side])) }));
    const both = defineBackbone({
      name: 'both',
      params: z.object({ ...imageParameters }),
      open: async (_, { onnx }) => {
        await Promise.all([onnx(file), onnx(other)]);
        throw new Error('the first is none');
      },
    });
    const recipe = { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side };
    const { place, ...rest } = part(both, { network: file, head: other, ...recipe });
    const placeOf = (parameter: string) => ({ ...place, line: parameter === 'network' ? 7 : 9 });
    const experiment = { backbone: { ...rest, place, placeOf } } as unknown as Experiment;
    await expect(openBackbone(experiment, files)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      place: { line: 7 },
    });
  });
});
