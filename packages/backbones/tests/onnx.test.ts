import { describe, expect, it } from '@jest/globals';
import type { FaroutError } from '@farout/core';
import { type Backbone } from '@farout/core';
import {
  constant,
  input,
  onnxOperator,
  readOnnx,
  writeOnnx,
  type DType,
  type NDArray,
  type Shape,
  type Tensor,
} from '@farout/tensor';
import { testBackbone } from '@farout/testing';
import { onnx } from '../src/index.ts';

const side = 4;
const nchw: Shape = ['batch', 3, side, side];
const nhwc: Shape = ['batch', side, side, 3];

/** Three features and two classes. */
const weight: NDArray = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] };
const turned: NDArray = { data: Float32Array.of(1, 4, 2, 5, 3, 6), shape: [3, 2] };
const kernel: NDArray = { data: weight.data, shape: [2, 3, 1, 1] };
const bias: NDArray = { data: Float32Array.of(7, 8), shape: [2] };

const halves: NDArray = { data: Float32Array.of(0.5, 0.5), shape: [2] };

const pooled = (image: Tensor) => image.mean([2, 3]);
const classify = (image: Tensor) => pooled(image).linear(constant(weight), constant(bias));
const onnxNode = (type: string, inputs: readonly Tensor[], attributes = {}) =>
  onnxOperator(type, inputs, attributes)[0]!;

type Outputs = Tensor | Readonly<Record<string, Tensor>>;

/** Opens a classifier that is built here, written, and read back. */
async function open(
  network: (image: Tensor) => Outputs,
  {
    shape = nchw,
    dtype,
    ...params
  }: { shape?: Shape; dtype?: DType; output?: string; features?: string; layout?: string; crop?: number } = {},
): Promise<Backbone> {
  const result = network(input('image', shape, dtype));
  const outputs = 'origin' in result ? { result: result as Tensor } : (result as Record<string, Tensor>);
  const bytes = writeOnnx(outputs);
  return onnx.open(onnx.params.parse({ weights: 'a.onnx', crop: side, ...params }), {
    onnx: () => readOnnx(bytes),
    stateDict: () => Promise.reject(new Error('it is no checkpoint')),
  });
}

const arrayOf = ({ origin }: Tensor) => (origin.kind === 'constant' ? origin.array : undefined);
const rejection = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as FaroutError,
  );

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
    const { origin } = features(input('x', ['N', 3, side, side]));
    expect(origin.kind === 'operation' && origin.inputs[0]!.shape).toEqual(['N', side, side, 3]);
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
      message: 'it has several outputs that may be meant: "main" has 2 classes; "auxiliary" has 2 classes',
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
      fix: 'Say which one is scored, for example "output: species".',
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

/** What is refused: a network, how it is opened, and what the error says. */
const refused: Record<string, [(image: Tensor) => Outputs, NonNullable<Parameters<typeof open>[1]>, string]> = {
  'an output that comes from no linear layer': [
    (image) => pooled(image).relu(),
    {},
    'no output of it is the logits of a last linear layer: "result" comes from Relu "Relu"',
  ],
  'a ReLU behind the last layer': [
    (image) => image.conv(constant(kernel)).relu().mean([2, 3]),
    {},
    'no output of it is the logits of a last linear layer: "result" comes from Relu "Relu": it stands behind a linear layer',
  ],
  'a weight that is computed': [
    (image) => pooled(image).matmul(pooled(image).transpose(1, 0)),
    {},
    'no output of it is the logits of a last linear layer: "result" comes from MatMul "MatMul"',
  ],
  'logits for every place': [
    (image) => image.conv(constant(kernel), { bias: constant(bias) }),
    {},
    'no output of it is the logits of a last linear layer: "result" is a row of 2 numbers for each of 16 places of an image: its last linear layer reads (N, 3, 4, 4)',
  ],
  'two inputs': [
    (image) => ({ result: classify(image), sum: image.add(input('more', [1])) }),
    {},
    'it has 2 inputs, "image", "more"; an image classifier has one',
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
    'it takes images of 4 × 8 pixels; images here are square',
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
    'no output of it is the logits of a last linear layer: "largest" comes from TopK "TopK": it stands behind a linear layer; "places" comes from TopK "TopK"',
  ],
  'a fixed batch of several images': [
    classify,
    { shape: [8, 3, side, side] },
    'its input "image" is (8, 3, 4, 4): a fixed batch of 8 images',
  ],
  'colours that could be either axis': [
    classify,
    { shape: ['batch', 3, 3, 3] },
    'its input "image" is (batch, 3, 3, 3), which does not tell where the colours are',
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

const params = { weights: 'a.onnx', resize: side, crop: side };
const fileOf = (network: (image: Tensor) => Tensor) => ({
  'a.onnx': writeOnnx({ result: network(input('image', nchw)) }),
});
/** One image whose colours are 1, 2 and 3 everywhere. */
const plain = { data: Float32Array.from({ length: 48 }, (_, i) => 1 + Math.floor(i / 16)), shape: [1, 3, side, side] };

testBackbone(onnx, [
  {
    title: 'features are what the last linear layer reads, logits what it makes of them',
    params,
    files: fileOf(classify),
    images: plain,
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
