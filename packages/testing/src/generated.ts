import type { NDArray } from '@farout/tensor';
import { rowsOf, sampleOf, type HeadArrays, type Sample } from './sample.ts';

// Neither is a multiple of 4: a processor takes four numbers at once, and what is left over could depend on a row's place.
const width = 7;
const classes = 6;

/** In how many steps the features go from 0 to 1. */
const steps = 1024;

/** What the generated network gives for its class when it is sure. */
const strength = 8;

/**
 * In-distribution images of a generated network with 7 units and 6 classes, six images a class, of which it is sure: the unit of
 * the class is near 8, the others between 0 and 1, in steps of 1/1024. Its logits are exact in float32, in whatever order a
 * device adds them up. The same at every call, in arrays of their own; another seed gives other images.
 */
export function generatedSample(seed = 1): Sample {
  const draw = generatedNumbers(seed);
  const labels = Array.from({ length: 6 * classes }, (_, n) => n % classes);
  const features = labels.map((label) =>
    Array.from({ length: width }, (_, d) => Math.floor(draw() * steps) / steps + (d === label ? strength - 0.5 : 0)),
  );
  return networkSample(features, labels);
}

/** An image of which the generated network is sure, and one that excites all units alike, a little. */
export const sureAndFlat = (): Sample =>
  networkSample([
    [strength, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
  ]);

/** Images whose logits are as large as 10⁴, positive and negative, and one that excites nothing. */
export const extremeSample = (): Sample =>
  networkSample([
    [1e4, 0, 0, 0, 0, 0, 0],
    [1e4, -1e4, 1e4, -1e4, 0, 0, 0],
    [1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4],
    [-1e4, -1e4, -1e4, -1e4, -1e4, -1e4, -1e4],
    [0, 0, 0, 0, 0, 0, 0],
  ]);

/** The sample of a generated network whose features are these. */
const networkSample = (features: readonly (readonly number[])[], labels?: readonly number[]): Sample =>
  sampleOf(rowsOf(features), generatedHead(), Int32Array.from(labels ?? features.map(() => 0)));

/** A head that reads class k from unit k, and a little of the unit that belongs to no class. Its products are exact in float32. */
function generatedHead(): HeadArrays {
  const weight = Array.from({ length: classes }, (_, k) =>
    Array.from({ length: width }, (_, d) => (d < classes ? Number(d === k) : 0.125)),
  );
  const bias = Float32Array.from({ length: classes }, () => 0.5);
  return { weight: rowsOf(weight), bias: { data: bias, shape: [classes] } };
}

/** Images whose every value is a function of its channel and place, (N, 3, side, side). */
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

/** Image n of some, as a batch of one, copied. */
export const imageAt = ({ data, shape: [count, ...size] }: NDArray, n: number): NDArray => {
  const length = data.length / count!;
  return { data: data.slice(n * length, (n + 1) * length), shape: [1, ...size] };
};

// Jest looks a global up in its sandbox at every use, which takes longer than to draw a number.
const { imul } = Math;

/** Numbers in 0..1 from a linear congruence modulo 2³²: the same for the same seed. */
export function generatedNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
