import { generatedNumbers } from './generated-numbers.ts';
import { rowsOf, sampleOf, type HeadArrays, type Sample } from './sample.ts';

// Neither is a multiple of 4: a processor takes four numbers at once, and what is left over could depend on a row's place.
const width = 7;
const classes = 6;

/** In how many steps the features go from 0 to 1. */
const steps = 1024;

/** What the generated network gives for its class when it is sure. */
const strength = 8;

/** A head that reads class k from unit k, and a little of the unit that belongs to no class. Its products are exact in float32. */
function generatedHead(): HeadArrays {
  const weight = Array.from({ length: classes }, (_, k) =>
    Array.from({ length: width }, (_, d) => (d < classes ? Number(d === k) : 0.125)),
  );
  const bias = Float32Array.from({ length: classes }, () => 0.5);
  return { weight: rowsOf(weight), bias: { data: bias, shape: [classes] } };
}

/** The sample of a generated network whose features are these. */
export const networkSample = (features: readonly (readonly number[])[], labels?: readonly number[]): Sample =>
  sampleOf(rowsOf(features), generatedHead(), Int32Array.from(labels ?? features.map(() => 0)));

/**
 * In-distribution images of a generated network with 7 units and 6 classes, of which it is sure: the unit of the class
 * is near 8, the others between 0 and 1, in steps of 1/1024. Its logits are exact in float32, in whatever order a device adds
 * them up. The same at every call, in arrays of their own; another seed gives other images.
 */
export function generatedSample(seed = 1): Sample {
  const draw = generatedNumbers(seed);
  const labels = Array.from({ length: 24 }, (_, n) => n % classes);
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
