import { describe, expect, it } from '@jest/globals';
import { constant, input, type Tensor } from '@farout/tensor';
import { OnnxError, onnxOperator, readOnnx, writeOnnx } from '../src/index.ts';

const image = input('image', ['N', 2, 2, 2]);
const pooled = image.mean([2, 3]);

const named = (name: string, shape: readonly number[], ...values: number[]) =>
  constant({ data: Float32Array.from(values), shape }, name);
const zeros = (name: string, ...shape: number[]) =>
  named(name, shape, ...new Array<number>(shape.reduce((a, b) => a * b, 1)).fill(0));

const conv = (weight: Tensor) => image.conv(weight).mean([2, 3]);
const normalised = (...parameters: Tensor[]) => onnxOperator('BatchNormalization', [image, ...parameters], {})[0]!;

/** A network, and what is said of its numbers. */
const refused: Record<string, [Tensor, string]> = {
  'NaN in a weight': [
    pooled.linear(named('fc.weight', [3, 2], 0, 1, 2, NaN, 4, NaN), zeros('fc.bias', 3)),
    'fc.weight: 2 of 6 numbers, the first is NaN at [1, 1]',
  ],
  'NaN in a bias': [
    pooled.linear(zeros('fc.weight', 2, 2), named('fc.bias', [2], 1, NaN)),
    'fc.bias: 1 of 2 numbers, the first is NaN at [1]',
  ],
  '+∞ in a bias': [
    pooled.linear(zeros('fc.weight', 2, 2), named('fc.bias', [2], Infinity, 1)),
    'fc.bias: 1 of 2 numbers, the first is Infinity at [0]',
  ],
  '−∞ in a convolution': [
    conv(named('stem', [1, 2, 1, 1], 1, -Infinity)),
    'stem: 1 of 2 numbers, the first is -Infinity at [0, 1, 0, 0]',
  ],
  '∞ in a variance, which a convolution would take in without a trace': [
    normalised(zeros('scale', 2), zeros('shift', 2), zeros('mean', 2), named('variance', [2], 1, Infinity)),
    'variance: 1 of 2 numbers, the first is Infinity at [1]',
  ],
  '−∞ in a factor of a product': [
    pooled.matmul(named('w', [2, 1], 1, -Infinity)),
    'w: 1 of 2 numbers, the first is -Infinity at [1, 0]',
  ],
  'NaN alone': [pooled.mul(named('factor', [1], NaN)), 'factor: 1 of 1 numbers, the first is NaN at [0]'],
};

const taken: Record<string, Tensor> = {
  'a bias that masks classes by −∞': pooled.linear(zeros('fc.weight', 2, 2), named('fc.bias', [2], 1, -Infinity)),
  'what is added and masks by −∞': pooled.add(named('mask', [2], 0, -Infinity)),
  'an infinite bound': pooled.minimum(named('bound', [1], Infinity)),
};

describe('weights of an ONNX file that no network can have', () => {
  it.each(Object.entries(refused))('are refused by name: %s', async (_, [network, message]) => {
    const reading = readOnnx(writeOnnx({ y: network }));
    await expect(reading).rejects.toBeInstanceOf(OnnxError);
    await expect(reading).rejects.toMatchObject({
      code: 'OOD_WEIGHTS_INVALID',
      message: `it contains weights that are not finite\n  ${message}`,
    });
  });

  it('are refused where a variance is below 0, also behind a convolution that would take it in', async () => {
    const weight = named('stem', [2, 2, 1, 1], 1, 2, 3, 4);
    const by = (...variance: number[]) => [
      zeros('scale', 2),
      zeros('shift', 2),
      zeros('mean', 2),
      named('variance', [2], ...variance),
    ];
    const negative = onnxOperator('BatchNormalization', [image.conv(weight), ...by(1, -0.5)], {})[0]!;
    for (const network of [negative, normalised(...by(1, -0.5))]) {
      await expect(readOnnx(writeOnnx({ y: network }))).rejects.toMatchObject({
        code: 'OOD_WEIGHTS_INVALID',
        message: 'it contains variances below 0\n  variance: 1 of 2 numbers, the first is -0.5 at [1]',
      });
    }
    await expect(readOnnx(writeOnnx({ y: normalised(...by(1, 0)) }))).resolves.toBeDefined();
  });

  it('are named up to eight and counted beyond', async () => {
    const network = Array.from({ length: 10 }, (_, i) => named(`mask${i}`, [2], i, NaN)).reduce(
      (x, mask) => x.add(mask),
      pooled,
    );
    await expect(readOnnx(writeOnnx({ y: network }))).rejects.toThrow(/mask7: .*\n {2}and 2 more$/);
  });

  it.each(Object.entries(taken))('are taken where they mean something: %s', async (_, network) => {
    await expect(readOnnx(writeOnnx({ y: network }))).resolves.toBeDefined();
  });
});
