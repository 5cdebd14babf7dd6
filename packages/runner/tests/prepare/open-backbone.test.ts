import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { defineBackbone, imageParameters, z, type BackboneDefinition } from '@farout/core';
import { constant, input, onnxOperator, writeOnnx, type Tensor } from '@farout/tensor';
import type { Experiment } from '../../src/experiment.ts';
import { openBackbone } from '../../src/prepare/open-backbone.ts';
import { part, side, temporaryFolder } from '../fixtures/tiny.ts';

let file: string;
beforeEach(async () => {
  file = path.join(await temporaryFolder(), 'network.onnx');
});

const ones = (...shape: number[]): Tensor =>
  constant({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape });

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
async function open(network: (image: Tensor) => Tensor, bias?: Tensor) {
  await writeFile(file, writeOnnx({ features: network(input('image', [1, 3, side, side])) }));
  const params = { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side };
  return openBackbone({ backbone: part(fromFile(bias), params) } as unknown as Experiment);
}

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

  it('refuses a file that would mix the images of a batch', async () => {
    await expect(
      open((image) =>
        image
          .sub(image.mean(0, { keepDims: true }))
          .exp()
          .mean([2, 3]),
      ),
    ).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringMatching(
        /^its output "features" in a batch of 2 is another than for single images: off by \S+ of \S+$/,
      ) as unknown,
      fix: expect.stringContaining('dynamic_axes') as unknown,
    });
  });

  it('takes infinities for equal to their like', async () => {
    const masked = constant({ data: Float32Array.of(0, -Infinity, Infinity), shape: [3] });
    expect((await open((image) => image.mean([2, 3]).add(masked))).featureWidth).toBe(3);
  });

  it('says what onnxruntime says about an operator that it does not have', async () => {
    const unknown = (image: Tensor) =>
      onnxOperator('Fancy', [image.mean([2, 3])], {}, { domain: 'com.example', version: 1 })[0]!.reshape(['n', 3]);
    await expect(open(unknown)).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: expect.stringMatching(/^onnxruntime does not open it: .*com\.example/s) as unknown,
    });
  });

  it('refuses weights that are not finite, by their names, and takes a bias that masks a class', async () => {
    const numbers = (name: string, ...values: number[]) =>
      constant({ data: Float32Array.from(values), shape: [values.length] }, name);
    await expect(open((image) => image.mean([2, 3]).add(numbers('shift', 0, NaN, 0)))).rejects.toMatchObject({
      code: 'OOD_WEIGHTS_INVALID',
      message: 'network.onnx: it holds weights that are not finite\n  shift: 1 of 3 numbers, the first is NaN at [1]',
      fix: expect.stringContaining('float16') as unknown,
    });
    const masked = numbers('fc.bias', 0, -Infinity);
    await expect(open((image) => image.mean([2, 3]), masked)).resolves.toMatchObject({ classes: 2 });
    await expect(open((image) => image.mean([2, 3]), numbers('fc.bias', 0, Infinity))).rejects.toMatchObject({
      code: 'OOD_WEIGHTS_INVALID',
      message:
        'the backbone "from-file" has a last layer that is not finite: fc.bias: 1 of 2 numbers, the first is Infinity at [1]',
    });
  });

  it('names a file that is none', async () => {
    await writeFile(file, 'not an ONNX file');
    const opened = openBackbone({
      backbone: part(fromFile(), { mean: [0, 0, 0], std: [1, 1, 1], resize: side, crop: side }),
    } as unknown as Experiment);
    await expect(opened).rejects.toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: 'network.onnx: it is no ONNX model, or a damaged one',
      place: { file: 'tiny.yaml', line: 1, column: 1 },
    });
  });
});
