import { onnxOperator } from '@farout/onnx';
import { constant, type Tensor } from '@farout/tensor';

/** Side of the images; features of an image, and classes. */
export const side = 8;
const [width, classes] = [5, 4];

const known = new Map<string, Tensor>();

/** Numbers between −1 and 1 that depend on the seed alone; asked for twice they are the same weights. */
function numbers(shape: readonly number[], seed: number): Tensor {
  const key = `${shape.join()} ${seed}`;
  const found = known.get(key) ?? random(shape, seed);
  known.set(key, found);
  return found;
}

function random(shape: readonly number[], seed: number): Tensor {
  let state = seed;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
  return constant({ data, shape });
}

const numbersOf = (values: readonly number[], shape: readonly number[] = [values.length]): Tensor =>
  constant({ data: Float32Array.from(values), shape });

const node = (type: string, inputs: readonly Tensor[], attributes = {}, version = 20): Tensor =>
  onnxOperator(type, inputs, attributes, { version })[0]!;

/** Maps, ReLU of a convolution, (N, width, 4, 4), their means, and linear layers on both. */
const maps = (image: Tensor): Tensor => image.conv(numbers([width, 3, 2, 2], 1), { stride: 2 }).relu();
const features = (image: Tensor): Tensor => maps(image).mean([2, 3]);
const head = (image: Tensor, seed = 2, count: number = classes): Tensor =>
  features(image).linear(numbers([count, width], seed), numbers([count], seed + 1));
const places = (image: Tensor): Tensor => maps(image).conv(numbers([classes, width, 1, 1], 4));

const int64 = (...values: number[]) => constant({ data: BigInt64Array.from(values, BigInt), shape: [values.length] });
const masked = constant({ data: Uint8Array.of(0, 1, 0, 0), shape: [4] }, 'mask', 'bool');
const norm = ['scale', 'shift', 'mean'].map((_, i) => numbers([classes], 20 + i));

/** What is folded into W and b, or undone: the network's output. */
export const scored: Readonly<Record<string, (image: Tensor) => Tensor>> = {
  'the logits': head,
  'a temperature': (image) => head(image).div(1.7),
  'a temperature before a softmax': (image) => node('Softmax', [head(image).div(0.7)], { axis: 1 }),
  'a temperature that is the exponential of a constant': (image) => head(image).mul(numbersOf([1.3]).exp()),
  'a scale and a shift for each class': (image) =>
    head(image)
      .mul(numbers([classes], 7))
      .sub(numbers([1, classes], 8)),
  'a constant less the logits': (image) => numbers([classes], 9).sub(head(image)),
  'a batch normalisation': (image) =>
    node('BatchNormalization', [head(image), ...norm, numbers([classes], 24).abs().add(0.5)].slice(0, 5)),
  'the logarithm of a softmax': (image) => node('Softmax', [head(image)], { axis: 1 }).log(),
  'a log-softmax': (image) => node('LogSoftmax', [head(image)], { axis: -1 }),
  'a softmax over all axes from the second on, of operator set 11': (image) =>
    node('Softmax', [head(image).reshape(['batch', 2, 2])], { axis: 1 }, 11).reshape(['batch', classes]),
  'the mean of two heads': (image) => head(image, 2).add(head(image, 5)).div(2),
  'the mean of two heads, laid one upon the other': (image) =>
    node('Concat', [head(image, 2).unsqueeze([0]), head(image, 5).unsqueeze([0])], { axis: 0 }).mean(0),
  'the mean of three heads in one layer': (image) => head(image, 2, 12).reshape(['batch', 3, classes]).mean(1),
  'two heads side by side': (image) => node('Concat', [head(image, 2), head(image, 5)], { axis: 1 }),
  'the logits less their mean': (image) => head(image).sub(head(image).mean(1, { keepDims: true })),
  'all classes but the first': (image) => head(image).slice(1, 1, classes),
  'classes in another order': (image) => node('Gather', [head(image), int64(2, 0, 3, 1)], { axis: 1 }),
  'probabilities in another order': (image) =>
    node('Gather', [node('Softmax', [head(image)], { axis: 1 }), int64(2, 0, 3, 1)], { axis: 1 }),
  'a class that a bias of −∞ masks': (image) => head(image).add(numbersOf([0, -Infinity, 0, 0])),
  'a class that is put to −∞, before a softmax': (image) =>
    node('Softmax', [masked.where(numbersOf([-Infinity]), head(image))], { axis: 1 }),
  'a layer at every place, averaged': (image) => places(image).mean([2, 3]),
  'a layer at every place, averaged axis by axis': (image) => places(image).mean(3).mean(2),
  'a layer at every place, summed': (image) => places(image).sum([2, 3]),
  'a label': (image) => head(image).argMax(1),
  'the label of a softmax': (image) => node('Softmax', [head(image)], { axis: 1 }).argMax(1),
  'one logit': (image) => head(image, 2, 1),
  'the sigmoid of one logit': (image) => head(image, 2, 1).sigmoid(),
  'the sigmoid of one logit, without its axis': (image) => head(image, 2, 1).reshape(['batch']).div(2).sigmoid(),
  'both probabilities of one logit': (image) => {
    const p = head(image, 2, 1).sigmoid();
    return node('Concat', [numbersOf([1]).sub(p), p], { axis: 1 });
  },
  'the difference of two logits': (image) =>
    head(image, 2, 2)
      .slice(1, 1, 2)
      .sub(head(image, 2, 2).slice(1, 0, 1)),
};

const softmax = (x: Tensor, axis = 1) => node('Softmax', [x], { axis });

/** What is none of these: the network's output, and what the error says of it. */
export const refused: Readonly<Record<string, readonly [(image: Tensor) => Tensor, string]>> = {
  'a softmax in groups': [
    (image) => softmax(head(image).reshape(['batch', 2, 2]), 2).reshape(['batch', classes]),
    'comes from Softmax "Softmax": a softmax in 2 groups of 2 classes',
  ],
  'logits in two axes': [(image) => head(image).reshape(['batch', 2, 2]), 'is 2 × 2 numbers for an image, not one row'],
  'a softmax before the mean over places': [
    (image) => softmax(places(image)).mean([2, 3]),
    'comes from Softmax "Softmax": a softmax at each of 16 places of an image',
  ],
  'a softmax over places': [
    (image) => softmax(places(image).reshape(['batch', classes, 16]), 2).mean(2),
    'comes from Softmax "Softmax": a softmax over places',
  ],
  'a sigmoid before the mean over places': [
    (image) => places(image).sigmoid().mean([2, 3]),
    'comes from Sigmoid "Sigmoid": a sigmoid at each of 16 places of an image',
  ],
  'the maximum over places': [
    (image) => places(image).max([2, 3]),
    'comes from ReduceMax "ReduceMax": it comes after a linear layer',
  ],
  'one of the places': [
    (image) => places(image).slice(2, 0, 1).slice(3, 0, 1).reshape(['batch', classes]),
    'comes from Slice "Slice": it uses only some of the places',
  ],
  'another bias at every place': [
    (image) =>
      places(image)
        .add(numbers([1, classes, 4, 4], 7))
        .mean([2, 3]),
    'comes from Add "Add": it treats the places of an image differently',
  ],
  'a mean over classes at every place': [
    (image) => places(image).mean(1).reshape(['batch', 16]),
    'is one number, a mixture of 4 classes, for each of 16 places of an image',
  ],
  'a mean over classes': [
    (image) => head(image).mean(1, { keepDims: true }),
    'is one number, a mixture of 4 of the 4 classes of a linear layer',
  ],
  'one of the classes': [
    (image) => head(image).slice(1, 1, 2),
    'is one number, a mixture of 1 of the 4 classes of a linear layer',
  ],
  'the probability of one class': [
    (image) => softmax(head(image)).slice(1, 1, 2),
    'comes from Slice "Slice": it uses 1 of the 4 numbers of a softmax',
  ],
  'several labels at once': [(image) => head(image).sigmoid(), 'is a sigmoid for each of 4 classes'],
  'a softmax of a softmax': [
    (image) => softmax(softmax(head(image))),
    'comes from Softmax "Softmax_2": it comes after a softmax',
  ],
  percentages: [(image) => softmax(head(image)).mul(100), 'comes from Mul "Mul": it comes after a softmax'],
  'the mean of two softmaxes': [
    (image) =>
      softmax(head(image, 2))
        .add(softmax(head(image, 5)))
        .div(2),
    'comes from Add "Add": it comes after a softmax',
  ],
  'a softmax of one number': [
    (image) => softmax(head(image, 2, 1)),
    'comes from Softmax "Softmax": a softmax of a single number, which is the same for every image',
  ],
  'a ReLU behind the logits': [
    (image) => head(image).relu(),
    'comes from Relu "Relu_2": it comes after a linear layer',
  ],
  'logits that are multiplied with one another': [
    (image) => head(image, 2).mul(head(image, 5)),
    'comes from Mul "Mul": it multiplies logits by a value that depends on the image',
  ],
  'logits divided by their length': [
    (image) => head(image).div(head(image).abs().sum(1, { keepDims: true })),
    'comes from Abs "Abs": it comes after a linear layer',
  ],
  'layers that read different tensors': [
    (image) =>
      head(image).add(
        maps(image)
          .max([2, 3])
          .matmul(numbers([width, classes], 9)),
      ),
    'comes from MatMul "MatMul": the linear layers before it read different tensors',
  ],
  'a label of the smallest': [
    (image) => onnxOperator('ArgMin', [head(image)], { axis: 1 })[0]!,
    'comes from ArgMin "ArgMin": it comes after a linear layer',
  ],
  'a masked class times zero, which is no number': [
    (image) =>
      head(image)
        .add(numbersOf([0, -Infinity, 0, 0]))
        .mul(numbersOf([1, 0, 1, 1])),
    'ends in a linear layer with weights or biases that are not finite',
  ],
};
