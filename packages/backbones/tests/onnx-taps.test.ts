import { describe, expect, it } from '@jest/globals';
import { onnxOperator, writeOnnx } from '@farout/onnx';
import { evaluate } from '@farout/runtime';
import { constant, input, type NDArray, type Tensor } from '@farout/tensor';
import { arrayOf, nchw, onnxNode, open, rejection, side } from './parts/built-classifier.ts';

const filled = (shape: readonly number[], first = 0) => {
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  return constant({ data: data.map((_, i) => Math.sin(first + i)), shape });
};
const numbers = (...values: number[]) => constant({ data: Float32Array.from(values), shape: [values.length] });

const weight = filled([2, 3, 3, 3]);
const norm = { scale: [2, -1], shift: [0.5, 0.25], mean: [0.125, -0.5], variance: [4, 0.25] };
const epsilon = 0.5;

/** A convolution, its normalisation, ReLU, and their mean through GlobalAveragePool; values are called by their operators. */
function network(image: Tensor): Tensor {
  const conv = image.conv(weight, { padding: 1 });
  const { scale, shift, mean, variance } = norm;
  const parameters = [scale, shift, mean, variance].map((each) => numbers(...each));
  const map = onnxOperator('BatchNormalization', [conv, ...parameters], { epsilon: { float: epsilon } })[0]!.relu();
  const pooled = onnxNode('Flatten', [onnxNode('GlobalAveragePool', [map])]);
  return pooled.linear(filled([3, 2]), filled([3]));
}

const images: NDArray = {
  data: Float32Array.from({ length: 2 * 3 * side * side }, (_, i) => Math.cos(3 * i)),
  shape: [2, 3, side, side],
};
const image = input('image', ['N', 3, side, side]);
const run = async (outputs: Readonly<Record<string, Tensor>>) => evaluate(outputs, { image: images });
const numbersOf = ({ data }: NDArray) => Array.from(data, Number);

/** The convolution in plain loops, summed in float64. */
function convolved(): number[] {
  const { data } = arrayOf(weight)!;
  const at = (n: number, c: number, y: number, x: number) =>
    y < 0 || x < 0 || y >= side || x >= side ? 0 : Number(images.data[((n * 3 + c) * side + y) * side + x]);
  const found: number[] = [];
  for (let n = 0; n < 2; n++)
    for (let o = 0; o < 2; o++)
      for (let y = 0; y < side; y++)
        for (let x = 0; x < side; x++) {
          let sum = 0;
          for (let c = 0; c < 3; c++)
            for (let i = 0; i < 9; i++)
              sum += Number(data[(o * 3 + c) * 9 + i]) * at(n, c, y + Math.floor(i / 3) - 1, x + (i % 3) - 1);
          found.push(sum);
        }
  return found;
}

/** What the normalisation and ReLU make of it. */
const rectified = () =>
  convolved().map((value, i) => {
    const o = Math.floor(i / (side * side)) % 2;
    const spread = Math.sqrt(norm.variance[o]! + epsilon);
    return Math.max(0, (norm.scale[o]! * (value - norm.mean[o]!)) / spread + norm.shift[o]!);
  });

const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5) as unknown);

describe('the maps of an ONNX file', () => {
  it('are all its values by their own names, in the order in which they are made', async () => {
    const { taps } = await open(network);
    const names = [...taps!(image).keys()];
    expect(names.slice(0, 3)).toEqual(['Conv', 'BatchNormalization', 'Relu']);
    expect(names.at(-1)).toBe('result');
    const found = await run({ conv: taps!(image).get('Conv')!, relu: taps!(image).get('Relu')! });
    expect(numbersOf(found.conv!)).toEqual(close(convolved()));
    expect(numbersOf(found.relu!)).toEqual(close(rectified()));
  });

  it('have a convolution before the normalisation that is folded into it, and nothing else among the convolutions', async () => {
    const { convolutions } = await open(network);
    expect([...convolutions!(image).keys()]).toEqual(['Conv']);
    const { conv } = await run({ conv: convolutions!(image).get('Conv')! });
    expect(numbersOf(conv!)).toEqual(close(convolved()));
  });

  it('leave the network to its features as it is: one convolution, no normalisation', async () => {
    const { features } = await open(network);
    const types: string[] = [];
    for (const waiting = [features(image)]; waiting.length > 0;) {
      const { origin } = waiting.pop()!;
      if (origin.kind !== 'operation') continue;
      types.push(origin.operator.type);
      waiting.push(...origin.inputs);
    }
    expect(types.filter((type) => /Conv|Norm/.test(type))).toEqual(['Conv']);
    expect(writeOnnx({ h: features(image) })).toEqual(writeOnnx({ h: (await open(network)).features(image) }));
  });

  it('end with the one that the global pooling reads, from which the features follow', async () => {
    const { features, from, lastTap, taps } = await open(network);
    expect(lastTap).toBe('Relu');
    const map = taps!(image).get('Relu')!;
    const found = await run({ h: features(image), again: from!('Relu', map), double: from!('Relu', map.mul(2)) });
    expect(found.again).toEqual(found.h);
    expect(numbersOf(found.double!)).toEqual(close(numbersOf(found.h!).map((value) => 2 * value)));
    const means = rectified().flatMap((_, i, all) =>
      i % side ** 2 === 0 ? [all.slice(i, i + side ** 2).reduce((a, b) => a + b) / side ** 2] : [],
    );
    expect(numbersOf(found.h!)).toEqual(close(means));
  });

  it.each<[string, (map: Tensor) => Tensor]>([
    ['a mean over the places', (map) => map.mean([2, 3])],
    ['a mean that keeps its axes', (map) => map.mean([2, 3], { keepDims: true }).reshape(['batch', 2])],
    ['a maximum', (map) => map.max([2, 3])],
    ['a head over all places, and their mean', (map) => map],
  ])('are pooled, here by %s', async (_, pooling) => {
    const { lastTap } = await open((x) => {
      const pooled = pooling(x.conv(weight, { padding: 1 }).relu());
      if (pooled.shape.length === 2) return pooled.linear(filled([3, 2]), filled([3]));
      return pooled.conv(filled([3, 2, 1, 1]), { bias: filled([3]) }).mean([2, 3]);
    });
    expect(lastTap).toBe('Relu');
  });

  it('are pooled behind a pooling that leaves several places', async () => {
    const { lastTap } = await open((x) => {
      const map = x.conv(weight, { padding: 1 }).relu().maxPool({ kernel: 2, stride: 2 });
      return map.mean([2, 3]).linear(filled([3, 2]), filled([3]));
    });
    expect(lastTap).toBe('MaxPool');
  });

  it('are pooled where they have one place only', async () => {
    const { lastTap } = await open((x) =>
      x
        .conv(filled([2, 3, side, side]))
        .relu()
        .mean([2, 3])
        .linear(filled([3, 2]), filled([3])),
    );
    expect(lastTap).toBe('Relu');
  });

  it('have none to pool where the images themselves are pooled', async () => {
    const { lastTap } = await open((x) => x.mean([2, 3]).linear(filled([2, 3]), filled([2])));
    expect(lastTap).toBe(false);
  });

  it('hold no weights and no whole numbers', async () => {
    const { taps } = await open((x) => {
      const scaled = filled([1, 1, 1, 1]).exp().mul(x);
      const logits = scaled.mean([2, 3]).linear(filled([2, 3]), filled([2]));
      return { result: logits, label: logits.argMax() };
    });
    expect(taps!(image).size).toBeGreaterThan(2);
    expect([...taps!(image).values()].every(({ dtype, shape }) => dtype === 'float32' && shape[0] === 'N')).toBe(true);
  });

  it('are no place to go on from where something else leads past them', async () => {
    const { from, taps } = await open((x) => {
      const inner = x.conv(filled([3, 3, 1, 1]));
      return inner
        .add(x)
        .relu()
        .mean([2, 3])
        .linear(filled([2, 3]), filled([2]));
    });
    const map = taps!(image).get('Conv')!;
    const error = await rejection(Promise.resolve().then(() => from!('Conv', map)));
    expect(error).toMatchObject({
      code: 'OOD_UNKNOWN_TAP',
      message: 'the features do not depend on "Conv" alone',
      fix: 'Use a map that the whole network passes through, such as "Relu".',
    });
    const found = await run({ h: from!('Relu', taps!(image).get('Relu')!) });
    expect(found.h!.shape).toEqual([2, 3]);
  });

  it('are those of networks that take images one by one, too', async () => {
    const single = (x: Tensor) => network(x).reshape([1, 3]);
    const one = input('image', [1, 3, side, side]);
    const { taps, features, from, lastTap } = await open(single, { shape: [1, ...nchw.slice(1)] });
    const map = taps!(one).get(lastTap as string)!;
    const found = await evaluate(
      { h: features(one), again: from!(lastTap as string, map) },
      { image: { data: images.data.slice(0, 3 * side * side), shape: [1, 3, side, side] } },
    );
    expect(found.again).toEqual(found.h);
  });
});
