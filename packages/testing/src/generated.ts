import { generatedNumbers } from './generated-numbers.ts';
import { type HeadArrays, rowsOf, type Sample, sampleOf } from './sample.ts';

const width = 6;
const classes = 4;

/** What the generated network gives for its class when it is sure. */
const strength = 8;

/** A head that reads class k from unit k, and a little of the units that belong to no class. */
function generatedHead(): HeadArrays {
  const weight = Array.from({ length: classes }, (_, k) =>
    Array.from({ length: width }, (_, d) => (d < classes ? Number(d === k) : 0.1)),
  );
  const bias = Float32Array.from({ length: classes }, () => 0.5);
  return { weight: rowsOf(weight), bias: { data: bias, shape: [classes] } };
}

/** The sample of a generated network whose features are these. */
export const networkSample = (features: readonly (readonly number[])[], labels?: readonly number[]): Sample =>
  sampleOf(rowsOf(features), generatedHead(), Int32Array.from(labels ?? features.map(() => 0)));

/**
 * In-distribution images of a generated network with 6 units and 4 classes, of which it is sure: the unit of the class
 * is near 8, the others between 0 and 1. The same at every call, in arrays of their own; another seed gives other images.
 */
export function generatedSample(seed = 1): Sample {
  const draw = generatedNumbers(seed);
  const labels = Array.from({ length: 24 }, (_, n) => n % classes);
  const features = labels.map((label) =>
    Array.from({ length: width }, (_, d) => draw() + (d === label ? strength - 0.5 : 0)),
  );
  return networkSample(features, labels);
}

/** An image of which the generated network is sure, and one that excites all units alike, a little. */
export const sureAndFlat = (): Sample =>
  networkSample([
    [strength, 0.5, 0.5, 0.5, 0.5, 0.5],
    [0.5, 0.5, 0.5, 0.5, 0.5, 0.5],
  ]);

/** Images whose logits are as large as 10⁴, positive and negative, and one that excites nothing. */
export const extremeSample = (): Sample =>
  networkSample([
    [1e4, 0, 0, 0, 0, 0],
    [1e4, -1e4, 1e4, -1e4, 0, 0],
    [1e4, 1e4, 1e4, 1e4, 1e4, 1e4],
    [-1e4, -1e4, -1e4, -1e4, -1e4, -1e4],
    [0, 0, 0, 0, 0, 0],
  ]);
