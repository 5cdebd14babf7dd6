import { describe, expect, it } from '@jest/globals';
import { onnxOperator } from '@farout/onnx';
import { constant, input, type Tensor } from '@farout/tensor';
import { side, kernel, bias, pooled, classify, open, rejection, type Outputs } from './parts/built-classifier.ts';

/** What is refused: a network, how it is opened, and what the error says. */
const refused: Record<string, [(image: Tensor) => Outputs, NonNullable<Parameters<typeof open>[1]>, string]> = {
  'an output that comes from no linear layer': [
    (image) => pooled(image).relu(),
    {},
    'none of its outputs is the logits of a last linear layer: "result" comes from Relu "Relu"',
  ],
  'a ReLU behind the last layer': [
    (image) => image.conv(constant(kernel)).relu().mean([2, 3]),
    {},
    'none of its outputs is the logits of a last linear layer: "result" comes from Relu "Relu": it comes after a linear layer',
  ],
  'a weight that is computed': [
    (image) => pooled(image).matmul(pooled(image).transpose(1, 0)),
    {},
    'none of its outputs is the logits of a last linear layer: "result" comes from MatMul "MatMul"',
  ],
  'logits for every place': [
    (image) => image.conv(constant(kernel), { bias: constant(bias) }),
    {},
    'none of its outputs is the logits of a last linear layer: "result" is a row of 2 numbers for each of 16 places of an image: its last linear layer reads (N, 3, 4, 4)',
  ],
  'two inputs': [
    (image) => ({ result: classify(image), sum: image.add(input('more', [1])) }),
    {},
    'it has 2 inputs, "image", "more"; an image classifier or encoder has one',
  ],
  'images of another size': [classify, { crop: 8 }, 'it takes images of 4 × 4 pixels, not 8 × 8'],
  'grey images': [
    (image) => image.mean([1, 2, 3], { keepDims: true }),
    { shape: ['batch', 1, side, side], layout: 'nchw' },
    'its input "image" is (batch, 1, 4, 4): images of 1 channel, not of 3 colours',
  ],
  'grey images, before anybody is asked for a layout': [
    (image) => image.mean([1, 2, 3], { keepDims: true }),
    { shape: ['batch', 1, side, side] },
    'its input "image" is (batch, 1, 4, 4): images of 1 channel, not of 3 colours',
  ],
  'images of four channels': [
    (image) => image.mean([2, 3]),
    { shape: ['batch', 4, side, side] },
    'its input "image" is (batch, 4, 4, 4): images of 4 channels, not of 3 colours',
  ],
  'images that are not square': [
    classify,
    { shape: ['batch', 3, side, 8] },
    'it takes images of 4 × 8 pixels, but only square images are supported',
  ],
  'pixels that are whole numbers': [
    (image) => classify(image.cast('float32')),
    { dtype: 'uint8' },
    'its input "image" is uint8, not float32',
  ],
  'the largest logits with their numbers': [
    (image) => {
      const [largest, places] = onnxOperator(
        'TopK',
        [classify(image), constant({ data: BigInt64Array.of(1n), shape: [1] })],
        {},
        { results: 2 },
      );
      return { largest: largest!, places: places! };
    },
    {},
    'none of its outputs is the logits of a last linear layer: "largest" comes from TopK "TopK": it comes after a linear layer; "places" comes from TopK "TopK"',
  ],
  'a fixed batch of several images': [
    classify,
    { shape: [8, 3, side, side] },
    'its input "image" is (8, 3, 4, 4): a fixed batch of 8 images',
  ],
  'colours that could be either axis': [
    classify,
    { shape: ['batch', 3, 3, 3] },
    'its input "image" is (batch, 3, 3, 3), which does not show the axis of the colours',
  ],
};

describe('onnx refuses', () => {
  it.each(Object.entries(refused))('%s', async (_, [network, options, message]) => {
    const error = await rejection(
      open(network, options).then(({ features }) => features(input('x', ['N', 3, side, side]))),
    );
    expect(error).toMatchObject({ code: 'OOD_ONNX_REFUSED', message });
    expect(error!.fix).toMatch(/\.$/);
  });
});
