import type { FileOutput } from '@farout/core';
import type { NDArray, Tensor } from '@farout/tensor';
import { Obstacle, placesOf, type Row } from './affine.ts';
import type { Activation } from './affine-operators.ts';
import type { LinearLayer } from './linear-layer.ts';
import type { OutputReader, ReadOutput } from './read-output.ts';

/** An output as features and a head, and its relation to the logits. */
export interface Classifier {
  /** The head's input, as in the network: (batch, D), or with positions to be averaged. */
  readonly features: Tensor;
  /** Its name in the file. */
  readonly featuresName: string;
  /** The axis along which the features lie; negative from the end. */
  readonly axis: number;
  /** (K, D) */
  readonly weight: NDArray;
  /** (K) */
  readonly bias: NDArray;
  readonly output: FileOutput;
  /** The tensor of the logits. */
  readonly logits: Tensor;
  /** Whether the file has a single output, which was turned into two classes. */
  readonly binary: boolean;
}

/** @throws Obstacle when the output is not a row of logits, or a softmax, log-softmax or label of one. */
export function readClassifier(reader: OutputReader, name: string): Classifier {
  const { value, layers } = reader.read(name);
  const [first] = layers;
  if (!first || value.rows.every(({ terms }) => terms.size === 0)) throw new Obstacle('does not depend on the image');
  checkAxes({ value, layers });
  const { rows, binary, of, column } = classesOf(value.as, value.rows, layers);
  const { features, axis } = first;
  const featuresName = reader.nameOf(features);
  if (featuresName === undefined) throw new Obstacle('ends in a linear layer whose input has no name in the file');
  return {
    features,
    featuresName,
    axis,
    ...headOf(rows, layers),
    output: { name, of, ...(column !== undefined && { column }) },
    logits: value.logits,
    binary,
  };
}

/** Requires images first, no positions, and one class axis. */
function checkAxes({ value, layers }: ReadOutput): void {
  const { axes, rows, as } = value;
  const [places, images] = [placesOf(value), axes.findIndex(({ kind }) => kind === 'images')];
  const sizes = axes.filter(({ kind, size }) => kind === 'numbers' && size !== 1).map(({ size }) => size);
  if (images < 0) throw new Obstacle('has no axis of images');
  if (places > 1) {
    const mixed = rows.length === 1 && rows[0]!.terms.size > 1;
    const what = mixed ? `one number, a mixture of ${rows[0]!.terms.size} classes,` : `a row of ${rows.length} numbers`;
    throw new Obstacle(
      `is ${what} for each of ${places} places of an image: its last linear layer reads (${featureShape(layers)})`,
    );
  }
  if (axes.slice(0, images).some(({ size }) => size !== 1))
    throw new Obstacle('does not count the images along its first axis');
  if (as !== 'label' && sizes.length > 1)
    throw new Obstacle(`is ${sizes.join(' × ')} numbers for an image, not one row`);
}

const featureShape = ([layer]: readonly LinearLayer[]) => layer!.features.shape.join(', ');

interface Classes {
  readonly rows: readonly Row[];
  readonly of: FileOutput['of'];
  readonly column?: number;
  readonly binary: boolean;
}

const zero: Row = { terms: new Map(), constant: 0 };

/** A single number z means two classes with the logits 0 and z; its sigmoid is the probability of the second. */
function classesOf(as: Activation, rows: readonly Row[], layers: readonly LinearLayer[]): Classes {
  const [first, second] = rows as [Row, Row | undefined];
  if (as === 'sigmoid') return sigmoidClasses(rows, layers);
  if (rows.length > 1) return { rows, of: as, binary: false };
  refuseMixture(first, layers);
  return { rows: [zero, second ?? first], of: 'logits', column: 1, binary: true };
}

function sigmoidClasses(rows: readonly Row[], layers: readonly LinearLayer[]): Classes {
  const [first, second] = rows as [Row, Row | undefined];
  if (rows.length === 1) {
    refuseMixture(first, layers);
    return { rows: [zero, first], of: 'softmax', column: 1, binary: true };
  }
  if (rows.length === 2 && opposite(first, second!)) return { rows: [zero, second!], of: 'softmax', binary: true };
  throw new Obstacle(
    `is a sigmoid for each of ${rows.length} classes, so several may apply at once; scores need mutually exclusive classes. If these are exclusive, export the logits, without the sigmoid`,
  );
}

const opposite = (a: Row, b: Row) =>
  a.constant === -b.constant &&
  a.terms.size === b.terms.size &&
  [...a.terms].every(([unit, factor]) => b.terms.get(unit) === -factor);

/**
 * A single number from several classes is a valid logit only as a difference of two; a mean of classes, or one of them alone, says nothing
 * about the others.
 */
function refuseMixture({ terms }: Row, layers: readonly LinearLayer[]): void {
  if (layers.every(({ weight }) => weight.shape[0] === 1)) return;
  const balance = [...terms.values()].reduce((sum, factor) => sum + factor, 0);
  if (Math.abs(balance) < 1e-9) return;
  const classes = layers.reduce((count, { weight }) => count + weight.shape[0]!, 0);
  throw new Obstacle(`is one number, a mixture of ${terms.size} of the ${classes} classes of a linear layer`);
}

/** W and b of rows; the layer's own arrays if they are unchanged. */
function headOf(rows: readonly Row[], layers: readonly LinearLayer[]): Pick<Classifier, 'weight' | 'bias'> {
  const units = layers.flatMap((layer) => Array.from({ length: layer.weight.shape[0]! }, (_, k) => ({ layer, k })));
  const width = layers[0]!.weight.shape[1]!;
  const [data, bias] = [new Float32Array(rows.length * width), new Float32Array(rows.length)];
  const sum = new Float64Array(width);
  for (const [k, { terms, constant }] of rows.entries()) {
    sum.fill(0);
    let shift = constant;
    for (const [unit, factor] of terms) shift += add(sum, factor, units[unit]!);
    data.set(sum, k * width);
    bias[k] = shift;
  }
  if (![data, bias].every(isFinite)) {
    throw new Obstacle(
      'ends in a linear layer with weights or biases that are not finite; only a bias of −∞ is allowed, which masks a class',
    );
  }
  return { weight: { data, shape: [rows.length, width] }, bias: { data: bias, shape: [rows.length] } };
}

/** Adds a unit's weights, times the factor, and returns its bias. */
function add(
  sum: Float64Array,
  factor: number,
  { layer: { weight, bias }, k }: { layer: LinearLayer; k: number },
): number {
  const width = sum.length;
  for (let d = 0; d < width; d++) sum[d]! += factor * Number(weight.data[k * width + d]);
  return factor * Number(bias.data[bias.data.length === 1 ? 0 : k]);
}

/** −∞ means a class that never wins; it is only allowed as a bias. */
const isFinite = (values: Float32Array, position: number) =>
  values.every((value) => Number.isFinite(value) || (position === 1 && value === -Infinity));
