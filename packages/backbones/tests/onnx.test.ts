import { describe, expect, it } from '@jest/globals';
import { onnxOperator, writeOnnx } from '@farout/onnx';
import { constant, input, type Tensor } from '@farout/tensor';
import { testBackbone } from '@farout/testing';
import { onnx } from '../src/index.ts';
import {
  side,
  nchw,
  nhwc,
  weight,
  turned,
  kernel,
  bias,
  halves,
  pooled,
  classify,
  onnxNode,
  open,
  arrayOf,
  rejection,
} from './parts/built-classifier.ts';

const heads: Record<string, (image: Tensor) => Tensor> = {
  Gemm: (image) => pooled(image).linear(constant(weight), constant(bias)),
  'MatMul and Add': (image) => pooled(image).matmul(constant(turned)).add(constant(bias)),
  'Add of two biases': (image) => {
    const half = constant({ data: Float32Array.of(3.5, 4), shape: [1, 2] });
    return half.add(half.add(pooled(image).matmul(constant(turned))));
  },
  'a convolution behind the mean': (image) =>
    image
      .mean([2, 3], { keepDims: true })
      .conv(constant(kernel), { bias: constant(bias) })
      .reshape(['batch', 2]),
  'a convolution before the mean': (image) => image.conv(constant(kernel), { bias: constant(bias) }).mean([2, 3]),
  'a softmax behind it': (image) =>
    onnxNode('Softmax', [pooled(image).linear(constant(weight), constant(bias))], { axis: -1 }),
};

describe('onnx', () => {
  it.each(Object.entries(heads))('takes the last linear layer for the head: %s', async (_, network) => {
    const { features, head } = await open(network);
    expect(arrayOf(head.weight)).toEqual(weight);
    expect(arrayOf(head.bias)).toEqual(bias);
    expect(features(input('x', ['N', 3, side, side])).shape).toEqual(['N', 3]);
  });

  it('takes no bias for zeros', async () => {
    const { head } = await open((image) => pooled(image).matmul(constant(turned)));
    expect(arrayOf(head.bias)!.data).toEqual(Float32Array.of(0, 0));
  });

  it.each(['batch', 1])('makes a batch of any size of one that the file calls %s', async (batch) => {
    const { features } = await open((image) => pooled(image).linear(constant(weight), constant(bias)), {
      shape: [batch, 3, side, side],
    });
    expect(features(input('x', ['N', 3, side, side])).shape).toEqual(['N', 3]);
  });

  it('feeds images with the colours last to a network that wants them so', async () => {
    const { features } = await open((image) => image.mean([1, 2]).linear(constant(weight), constant(bias)), {
      shape: nhwc,
    });
    const behind = [features(input('x', ['N', 3, side, side]))];
    for (const { origin } of behind) if (origin.kind === 'operation') behind.push(...origin.inputs);
    expect(behind.map(({ shape }) => shape)).toContainEqual(['N', side, side, 3]);
  });

  it('takes logits beside which there are labels', async () => {
    const { head } = await open((image) => ({ label: classify(image).argMax(), logits: classify(image) }));
    expect(arrayOf(head.weight)).toEqual(weight);
  });

  it('widens images for a network of double precision', async () => {
    const { features } = await open((image) => classify(image.cast('float32')), { dtype: 'float64' });
    expect(features(input('x', ['N', 3, side, side])).shape).toEqual(['N', 3]);
  });

  const scale = constant({ data: Float32Array.of(0.5), shape: [] });
  const zero = constant({ data: Int8Array.of(1), shape: [] });
  const bytes = constant({ data: Int8Array.of(3, 5, 7, 9, 11, 13), shape: [2, 3] });
  const rounded = (x: Tensor) =>
    onnxNode('DequantizeLinear', [onnxNode('QuantizeLinear', [x, scale, zero]), scale, zero]);

  it.each<[string, (image: Tensor) => Tensor]>([
    [
      'weights of eight bits',
      (image) => pooled(image).linear(onnxNode('DequantizeLinear', [bytes, scale, zero]), constant(bias)),
    ],
    ['logits that are rounded to eight bits', (image) => rounded(classify(image))],
    [
      'products of whole numbers',
      (image) => {
        const [q, s, z] = onnxOperator('DynamicQuantizeLinear', [pooled(image)], {}, { results: 3 });
        const turnedBytes = constant({ data: Uint8Array.of(3, 9, 5, 11, 7, 13), shape: [3, 2] });
        const one = constant({ data: Uint8Array.of(1), shape: [] });
        const product = onnxNode('MatMulInteger', [q!, turnedBytes, z!, one]);
        return product.cast('float32').mul(s!.mul(scale)).add(constant(bias));
      },
    ],
  ])('takes a head of real numbers out of a network of whole ones: %s', async (_, network) => {
    const { head } = await open(network);
    expect(arrayOf(head.weight)).toEqual(weight);
    expect(arrayOf(head.bias)).toEqual(bias);
  });

  it('applies a network twice without its weights being there twice', async () => {
    const [square, none] = [
      { data: new Float32Array(9), shape: [3, 3] },
      { data: new Float32Array(3), shape: [3] },
    ];
    const { features } = await open((image) =>
      pooled(image).linear(constant(square), constant(none)).linear(constant(weight), constant(bias)),
    );
    const weights = [1, 2].map(() => {
      const { origin } = features(input('x', ['N', 3, side, side]));
      return origin.kind === 'operation' ? origin.inputs[1] : undefined;
    });
    expect(weights[0]).toBeDefined();
    expect(weights[0]).toBe(weights[1]);
  });

  it('takes the features that are named where outputs end in layers of their own', async () => {
    const network = (image: Tensor) => {
      const [first, second] = [pooled(image).relu(), pooled(image).exp()];
      return {
        main: first.linear(constant(weight), constant(bias)),
        auxiliary: second.matmul(constant(turned)),
      };
    };
    const error = await rejection(open(network));
    expect(error).toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: 'it has several possible outputs: "main" has 2 classes; "auxiliary" has 2 classes',
      choices: { title: 'Outputs', names: ['main', 'auxiliary'] },
    });
    const unknown = await rejection(open(network, { features: 'nothing' }));
    expect(unknown).toMatchObject({ code: 'OOD_ONNX_REFUSED', choices: { title: 'Inputs of last layers' } });
    const [main, auxiliary] = unknown!.choices!.names;
    expect(arrayOf((await open(network, { features: main! })).head.bias)!.data).toEqual(Float32Array.of(7, 8));
    expect(arrayOf((await open(network, { features: auxiliary! })).head.bias)!.data).toEqual(Float32Array.of(0, 0));
  });

  it('takes the output that is named where two heads read the same features', async () => {
    const network = (image: Tensor) => ({
      species: pooled(image).linear(constant(weight), constant(bias)),
      colour: pooled(image).matmul(constant(turned)),
    });
    expect(arrayOf((await open(network, { output: 'species' })).head.bias)!.data).toEqual(Float32Array.of(7, 8));
    expect(arrayOf((await open(network, { output: 'colour' })).head.bias)!.data).toEqual(Float32Array.of(0, 0));
    expect(await rejection(open(network))).toMatchObject({
      fix: 'Choose the one to score, for example "output: species".',
    });
    expect(await rejection(open(network, { output: 'colours' }))).toMatchObject({
      code: 'OOD_ONNX_REFUSED',
      message: 'it has no output "colours"',
      choices: { names: ['species', 'colour'] },
    });
  });

  it('takes logits, probabilities and label of one head for one, and says which output it scores', async () => {
    const { output, notes } = await open((image) => {
      const logits = pooled(image).linear(constant(weight), constant(bias));
      return { label: logits.argMax(1), result: logits, features: pooled(image) };
    });
    expect(output).toEqual({ name: 'result', of: 'logits' });
    expect(notes).toEqual(['The output "result" is scored; "features" is not.']);
  });

  it('makes two classes of one number, and says so', async () => {
    const one = { data: weight.data.slice(0, 3), shape: [1, 3] };
    const { head, output, notes } = await open((image) =>
      pooled(image).linear(constant(one), constant({ data: Float32Array.of(7), shape: [1] })),
    );
    expect(arrayOf(head.weight)).toEqual({ data: Float32Array.of(0, 0, 0, 1, 2, 3), shape: [2, 3] });
    expect(arrayOf(head.bias)!.data).toEqual(Float32Array.of(0, 7));
    expect(output).toEqual({ name: 'result', of: 'logits', column: 1 });
    expect(notes).toEqual([
      'The output "result" is one number z for each image: it is scored as two classes, 0 and 1, with the logits 0 and z.',
    ]);
  });

  it('folds what is affine for each class into W and b', async () => {
    const { head } = await open((image) => classify(image).mul(constant(halves)).add(1));
    expect(arrayOf(head.weight)!.data).toEqual(Float32Array.of(0.5, 1, 1.5, 2, 2.5, 3));
    expect(arrayOf(head.bias)!.data).toEqual(Float32Array.of(4.5, 5));
  });
});

const params = { weights: 'a.onnx', resize: side, crop: side };
const fileOf = (network: (image: Tensor) => Tensor) => ({
  'a.onnx': writeOnnx({ result: network(input('image', nchw)) }),
});
/** A convolution that leaves images as they are. */
const unit = { data: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), shape: [3, 3, 1, 1] };
/** One image whose colours are 1, 2 and 3 everywhere. */
const plain = { data: Float32Array.from({ length: 48 }, (_, i) => 1 + Math.floor(i / 16)), shape: [1, 3, side, side] };

testBackbone(onnx, [
  {
    title: 'features are what the last linear layer reads, logits what it makes of them',
    params,
    files: fileOf((image) => classify(image.conv(constant(unit)))),
    images: plain,
    taps: ['Conv', 'Reshape', 'ReduceMean', 'Reshape_2', 'Gemm', 'result'],
    convolutions: 1,
    features: [[1, 2, 3]],
    logits: [[1 + 4 + 9 + 7, 4 + 10 + 18 + 8]],
  },
  { title: 'a network without a last linear layer fails', params, files: fileOf(pooled), fails: 'OOD_ONNX_REFUSED' },
  {
    title: 'images of another size fail',
    params: { ...params, crop: 8 },
    files: fileOf(classify),
    fails: 'OOD_ONNX_REFUSED',
  },
  { title: 'no weights are refused', params: {}, refused: 'weights' },
  { title: 'another layout is refused', params: { ...params, layout: 'chwn' }, refused: 'layout' },
]);
