import type { Rows } from '@farout/core';
import type { NDArray } from '@farout/tensor';

/** The last linear layer as arrays: weight (K, D), bias (K). */
export interface HeadArrays {
  readonly weight: Rows;
  readonly bias: { readonly data: Float32Array; readonly shape: readonly [classes: number] };
  /** Whether it first divides features by their length. */
  readonly normalise?: boolean;
}

/** A network's results for some images: features (N, D), its head, the logits (N, K), and the images' classes. */
export interface Sample {
  readonly features: Rows;
  readonly head: HeadArrays;
  readonly logits: Rows;
  readonly labels: Int32Array;
  /** The part's readings as stored, images along the first axis; by default they are computed from the images. */
  readonly readings?: Readonly<Record<string, NDArray>>;
  /** Other images, for a step that learns against them. */
  readonly against?: Sample;
  /** The images of other sets that steps learn from. */
  readonly sets?: Readonly<Record<string, Sample>>;
}

/** The input of a head: the features, or the features divided by their length; zeros stay zero. */
export function headInputOf({ data, shape }: Rows, { normalise }: HeadArrays): Rows {
  if (!normalise) return { data, shape };
  const [count, width] = shape;
  const lengths = Array.from(
    { length: count },
    (_, n) => Math.hypot(...data.subarray(n * width, (n + 1) * width)) || 1,
  );
  return { data: data.map((value, i) => value / lengths[Math.floor(i / width)]!), shape };
}

/** The sample for these features; its logits are head input · weightᵀ + bias, summed in float64. */
export function sampleOf(features: Rows, head: HeadArrays, labels: Int32Array): Sample {
  const [count, width] = features.shape;
  const classes = head.bias.data.length;
  const { data } = headInputOf(features, head);
  const logits = new Float32Array(count * classes);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < classes; k++) {
      let sum = head.bias.data[k]!;
      for (let d = 0; d < width; d++) sum += data[n * width + d]! * head.weight.data[k * width + d]!;
      logits[n * classes + k] = sum;
    }
  }
  return { features, head, logits: { data: logits, shape: [count, classes] }, labels };
}

/** Rows start..end of a block, copied. */
export const sliceRows = ({ data, shape: [, width] }: Rows, start: number, end: number): Rows => {
  const cut = data.slice(start * width, end * width);
  return { data: cut, shape: [cut.length / width, width] };
};

/** Images start..end of a sample, copied. */
export const sliceSample = (
  { features, head, logits, labels, readings }: Sample,
  start: number,
  end: number,
): Sample => ({
  features: sliceRows(features, start, end),
  head,
  logits: sliceRows(logits, start, end),
  labels: labels.slice(start, end),
  ...(readings && {
    readings: Object.fromEntries(
      Object.entries(readings).map(([name, array]) => [name, sliceArray(array, start, end)]),
    ),
  }),
});

/** Images start..end of an array, copied. */
function sliceArray({ data, shape: [count, ...size] }: NDArray, start: number, end: number): NDArray {
  const length = data.length / count!;
  const cut = data.slice(start * length, end * length);
  return { data: cut, shape: [cut.length / length, ...size] };
}

/** A block from rows given as lists of numbers of equal length. */
export function rowsOf(rows: readonly (readonly number[])[]): Rows {
  const width = rows[0]?.length ?? 0;
  if (rows.some((row) => row.length !== width)) throw new TypeError('the rows of a case must have one length');
  return { data: Float32Array.from(rows.flat()), shape: [rows.length, width] };
}

// Neither is a multiple of 4: processors handle four numbers at a time, and the rest could depend on a row's position.
const unitCount = 7;
const classCount = 6;

/** The number of steps of the features between 0 and 1. */
const steps = 1024;

/** The generated network's output for its class when it is confident. */
const strength = 8;

/**
 * In-distribution images for a generated network with 7 units and 6 classes, six images per class, all classified confidently: the unit of
 * the class is near 8, the others between 0 and 1, in steps of 1/1024. Its logits are exact in float32, in whatever order a device sums
 * them. Every call returns new arrays with the same numbers; another seed gives other images.
 */
export function generatedSample(seed = 1): Sample {
  const draw = generatedNumbers(seed);
  const labels = Array.from({ length: 6 * classCount }, (_, n) => n % classCount);
  const features = labels.map((label) =>
    Array.from(
      { length: unitCount },
      (_, d) => Math.floor(draw() * steps) / steps + (d === label ? strength - 0.5 : 0),
    ),
  );
  return networkSample(features, labels);
}

/** An image that the generated network classifies confidently, and one that activates all units equally, a little. */
export const sureAndFlat = (): Sample =>
  networkSample([
    [strength, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
  ]);

/** Images whose logits are as large as 10⁴, positive and negative, and one that activates nothing. */
export const extremeSample = (): Sample =>
  networkSample([
    [1e4, 0, 0, 0, 0, 0, 0],
    [1e4, -1e4, 1e4, -1e4, 0, 0, 0],
    [1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4],
    [-1e4, -1e4, -1e4, -1e4, -1e4, -1e4, -1e4],
    [0, 0, 0, 0, 0, 0, 0],
  ]);

/** The sample of a generated network with these features. */
const networkSample = (features: readonly (readonly number[])[], labels?: readonly number[]): Sample =>
  sampleOf(rowsOf(features), generatedHead(), Int32Array.from(labels ?? features.map(() => 0)));

/** A head that reads class k from unit k, plus a little from the unit that belongs to no class. Its products are exact in float32. */
function generatedHead(): HeadArrays {
  const weight = Array.from({ length: classCount }, (_, k) =>
    Array.from({ length: unitCount }, (_, d) => (d < classCount ? Number(d === k) : 0.125)),
  );
  const bias = Float32Array.from({ length: classCount }, () => 0.5);
  return { weight: rowsOf(weight), bias: { data: bias, shape: [classCount] } };
}

/** Images whose values are a function of channel and position, (N, 3, side, side). */
export const paintImages = (
  count: number,
  side: number,
  value: (image: number, channel: number, place: number) => number,
): NDArray & { readonly data: Float32Array } => {
  const plane = side * side;
  const data = Float32Array.from({ length: count * 3 * plane }, (_, i) =>
    value(Math.floor(i / (3 * plane)), Math.floor(i / plane) % 3, i % plane),
  );
  return { data, shape: [count, 3, side, side] };
};

/** Images of noise between −2 and 2, about the range of normalised photographs. */
export function generatedImages(count: number, side: number) {
  const draw = generatedNumbers(1);
  return paintImages(count, side, () => 4 * draw() - 2);
}

/** Image n as a batch of one, copied. */
export const imageAt = (images: NDArray, n: number): NDArray => sliceArray(images, n, n + 1);

/** Numbers in 0..1 from a linear congruential generator modulo 2³²; the same for the same seed. */
export function generatedNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
