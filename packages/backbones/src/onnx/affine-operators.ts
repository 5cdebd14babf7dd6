import type { Dimension, Tensor } from '@farout/tensor';
import * as affine from './affine.ts';
import { Obstacle, type Affine, type Axis } from './affine.ts';
import { constantOf } from './linear-layer.ts';

/** How an output relates to the logits: the logits themselves, or the result of an activation. */
export type Activation = 'logits' | 'softmax' | 'log-softmax' | 'sigmoid' | 'label';

/** A tensor as a function of the outputs of linear layers. */
export interface Value extends Affine {
  readonly as: Activation;
  /** The input of the activation; the tensor itself if there is none. */
  readonly logits: Tensor;
}

/** One use of an operator in the network. */
export interface Use {
  readonly tensor: Tensor;
  readonly type: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, unknown>>;
}

type Made = Affine & { readonly as?: Activation; readonly logits?: Tensor };
/** Computes an operator's result from its operands. */
export type Make = (use: Use, value: (position: number) => Value, batch: Dimension) => Made;

/** A value that is affine in the logits; values after an activation are not. */
function plain(value: Value): Value {
  if (value.as === 'logits') return value;
  throw new Obstacle(`it comes after ${shown[value.as]}`);
}

const shown: Record<Activation, string> = {
  logits: 'the logits',
  softmax: 'a softmax',
  'log-softmax': 'a log-softmax',
  sigmoid: 'a sigmoid',
  label: 'an ArgMax',
};

/** Changes only the layout of numbers, which is also allowed after an activation. */
const laid =
  (lay: (value: Affine, use: Use, batch: Dimension) => Affine): Make =>
  (use, value, batch) => {
    const x = value(0);
    if (x.as === 'label') return x;
    const result = lay(x, use, batch);
    const all = result.rows.length === x.rows.length && new Set(result.rows).size === x.rows.length;
    const whole = all || affine.isConstant(x) || x.as === 'logits' || x.as === 'sigmoid';
    if (!whole) throw new Obstacle(`it uses ${result.rows.length} of the ${x.rows.length} numbers of ${shown[x.as]}`);
    return { ...result, as: x.as, ...(x.as !== 'logits' && { logits: x.logits }) };
  };

const asShaped = laid((value, { tensor }, batch) => {
  if (tensor.hasShape) return affine.reshaped(value, tensor.shape, batch);
  if (value.axes.length === 2) return value;
  throw new Obstacle('the shape of its result is not known');
});

const unchanged = laid((value) => value);

/** Functions of constants, which some exporters do not fold. */
const ofConstants: Readonly<Record<string, (x: number) => number>> = {
  Abs: Math.abs,
  Exp: Math.exp,
  Log: Math.log,
  Reciprocal: (x) => 1 / x,
  Sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  Softplus: (x) => Math.log1p(Math.exp(-Math.abs(x))) + Math.max(x, 0),
  Sqrt: Math.sqrt,
  Tanh: Math.tanh,
};

/** The fallback for operators without a rule, which may still be computed on constants. */
export const unknown: Make = ({ type, inputs }, value) => {
  const x = inputs.length > 0 ? attempt(() => value(0)) : undefined;
  const compute = Object.hasOwn(ofConstants, type) ? ofConstants[type] : undefined;
  if (x && compute && affine.isConstant(x)) return affine.mapped(x, compute);
  throw new Obstacle(
    x && !affine.isConstant(x) ? `it comes after ${x.as === 'logits' ? 'a linear layer' : shown[x.as]}` : '',
  );
};

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof Obstacle) return undefined;
    throw error;
  }
}

/** Requires a single row of all classes per image: groups, or several positions, are not a row of classes. */
const overAll =
  (as: Activation, what: string): Make =>
  ({ inputs, attributes }, value) => {
    const before = value(0);
    const x = as === 'label' ? before : plain(before);
    const { axis = -1 } = attributes as { axis?: number };
    const { kind, size } = x.axes[axis < 0 ? axis + x.axes.length : axis]!;
    const places = affine.placesOf(x);
    if (kind !== 'numbers') throw new Obstacle(`${what} over ${kind}`);
    if (places > 1) throw new Obstacle(`${what} at each of ${places} places of an image`);
    if (x.rows.length > size) throw new Obstacle(`${what} in ${x.rows.length / size} groups of ${size} classes`);
    if (size === 1) throw new Obstacle(`${what} of a single number, which is the same for every image`);
    return { ...x, as, logits: x.as === 'logits' ? inputs[0]! : x.logits };
  };

/** σ(z) of every number; 1 − σ(z) is σ(−z). */
const sigmoid: Make = ({ inputs }, value) => {
  const x = value(0);
  if (affine.isConstant(x)) return affine.mapped(x, ofConstants.Sigmoid!);
  if (affine.placesOf(plain(x)) > 1)
    throw new Obstacle(`a sigmoid at each of ${affine.placesOf(x)} places of an image`);
  return { ...x, as: 'sigmoid', logits: inputs[0]! };
};

const difference: Make = (_, value) => {
  const [a, b] = [value(0), value(1)];
  const complement = b.as === 'sigmoid' && affine.isConstant(a) && a.rows.every(({ constant }) => constant === 1);
  if (complement)
    return { ...affine.scaled(b, affine.constantRows(minusOne), 'times'), as: 'sigmoid', logits: b.logits };
  return affine.added(plain(a), plain(b), -1);
};

const minusOne = { data: Float32Array.of(-1), shape: [] };

const product: Make = (_, value) => {
  const [a, b] = [plain(value(0)), plain(value(1))];
  if (affine.isConstant(b)) return affine.scaled(a, b, 'times');
  if (affine.isConstant(a)) return affine.scaled(b, a, 'times');
  throw new Obstacle('it multiplies logits by a value that depends on the image');
};

const quotient: Make = (_, value) => {
  const divisor = plain(value(1));
  if (!affine.isConstant(divisor)) throw new Obstacle('it divides by a value that depends on the image');
  return affine.scaled(plain(value(0)), divisor, 'over');
};

const reduction =
  (how: 'mean' | 'sum'): Make =>
  ({ attributes }, value) => {
    const { axes, keepDims } = attributes as { axes: readonly number[]; keepDims: boolean };
    return affine.reduced(plain(value(0)), axes, keepDims, how);
  };

/** One window that is the whole image. */
const averagePool: Make = ({ inputs, attributes }, value) => {
  const { kernel_shape, pads } = attributes as { kernel_shape: readonly number[]; pads: readonly number[] };
  const x = plain(value(0));
  const whole = kernel_shape.every((size, i) => size === inputs[0]!.shape[2 + i]) && pads.every((pad) => pad === 0);
  if (!whole) throw new Obstacle('a mean over some of the places');
  return affine.reduced(x, [2, 3], true, 'mean');
};

const slice = laid((value, { attributes }) => {
  const { axes, starts, ends, steps } = attributes as Record<string, readonly number[]>;
  return axes!.reduce((x, axis, i) => {
    const size = x.axes[axis]!.size as number;
    // Without starts it reverses the whole axis.
    const indices = starts
      ? Array.from(
          { length: Math.ceil((ends![i]! - starts[i]!) / steps![i]!) },
          (_, at) => starts[i]! + at * steps![i]!,
        )
      : Array.from({ length: size }, (_, at) => size - 1 - at);
    return affine.selected(x, axis, indices, [indices.length]);
  }, value);
});

const gather = laid((value, { inputs, attributes }) => {
  const indices = constantOf(inputs[1]);
  if (!indices) throw new Obstacle('which classes it uses depends on the image');
  return affine.selected(value, (attributes as { axis: number }).axis, Array.from(indices.data, Number), indices.shape);
});

const concat: Make = ({ inputs, attributes }, value) => {
  const values = inputs.map((_, position) => value(position));
  const { axis } = attributes as { axis: number };
  const joined = affine.concatenated(values, axis < 0 ? axis + values[0]!.axes.length : axis);
  if (values.every(({ as }) => as === 'sigmoid')) return { ...joined, as: 'sigmoid', logits: values[0]!.logits };
  values.forEach(plain);
  return joined;
};

/** γ · (x − μ) / √(σ² + ε) + β along the second axis */
const batchNormalization: Make = ({ attributes }, value) => {
  const x = plain(value(0));
  const { epsilon } = attributes as { epsilon: number };
  const along = (position: number) => {
    const vector = plain(value(position));
    return { ...vector, axes: [...vector.axes, ...x.axes.slice(2).map((): Axis => ({ kind: 'numbers', size: 1 }))] };
  };
  const [scale, shift, mean, variance] = [along(1), along(2), along(3), along(4)];
  const deviation = affine.mapped(variance, (each) => Math.sqrt(each + epsilon));
  const normal = affine.scaled(affine.added(x, mean, -1), deviation, 'over');
  return affine.added(affine.scaled(normal, scale, 'times'), shift, 1);
};

const cast: Make = (use, value, batch) => {
  const { to } = use.attributes as { to: unknown };
  const rounds = value(0).as !== 'label' && !['float32', 'float64', 1, 10, 11, 16].includes(to as never);
  if (rounds && !affine.isConstant(value(0))) throw new Obstacle('it rounds');
  return unchanged(use, value, batch);
};

const where: Make = (_, value) => {
  const condition = plain(value(0));
  if (!affine.isConstant(condition)) throw new Obstacle('its choice depends on the image');
  return affine.chosen(condition, plain(value(1)), plain(value(2)));
};

/** log and exp undo each other. */
const turns =
  (from: Activation, as: Activation): Make =>
  (use, value, batch) => {
    const x = attempt(() => value(0));
    return x?.as === from ? { ...x, as, logits: x.logits } : unknown(use, value, batch);
  };

/** How ONNX's operators transform linear combinations. */
export const operators: Readonly<Record<string, Make>> = {
  Add: (_, value) => affine.added(plain(value(0)), plain(value(1)), 1),
  Sub: difference,
  Mul: product,
  Div: quotient,
  Neg: (_, value) => affine.scaled(plain(value(0)), affine.constantRows(minusOne), 'times'),
  Where: where,
  Cast: cast,
  Identity: unchanged,
  // Quantisation is ignored: scores use the numbers before rounding.
  QuantizeLinear: unchanged,
  DequantizeLinear: unchanged,
  Dropout: unchanged,
  Reshape: asShaped,
  Unsqueeze: asShaped,
  Squeeze: asShaped,
  Flatten: asShaped,
  Expand: laid((value, { tensor }, batch) => affine.expanded(value, tensor.shape, batch)),
  Transpose: laid((value, { attributes }) =>
    affine.transposed(value, (attributes as { perm: readonly number[] }).perm),
  ),
  Slice: slice,
  Gather: gather,
  Concat: concat,
  ReduceMean: reduction('mean'),
  ReduceSum: reduction('sum'),
  AveragePool: averagePool,
  BatchNormalization: batchNormalization,
  Softmax: overAll('softmax', 'a softmax'),
  LogSoftmax: overAll('log-softmax', 'a log-softmax'),
  ArgMax: overAll('label', 'an ArgMax'),
  Sigmoid: sigmoid,
  Exp: turns('log-softmax', 'softmax'),
  Log: turns('softmax', 'log-softmax'),
};
