import { scalar } from '../nd-array.ts';
import { inSingle, oneDtype, type Backward, type None, type Operator } from '../operator.ts';
import { broadcast, reduceShape } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { reducing } from './reduction.ts';

/** The operands, the result y and the gradient g that reached it. */
interface BinaryUse {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly y: Tensor;
  readonly g: Tensor;
}

/** The common part of element-wise operators with two operands: they broadcast and have the same dtype. */
export const binary = (
  type: string,
  byA: (use: BinaryUse) => Tensor | undefined,
  byB: (use: BinaryUse) => Tensor | undefined,
): Operator<None> => ({
  type,
  infer: ([a, b]) => ({ shape: broadcast(type, a!.shape, b!.shape), dtype: oneDtype(type, [a!, b!]) }),
  gradient: ({ inputs: [a, b], output: y, upstream: g }: Backward<None>) => {
    const use = { a: a!, b: b!, y, g };
    return [() => byA(use), () => byB(use)];
  },
});

/** The operand, the result y and the gradient g that reached it. */
export interface UnaryUse {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly g: Tensor;
}

/** The common part of element-wise operators with one operand: shape and dtype stay the same. */
export const unary = (type: string, byX: (use: UnaryUse) => Tensor | undefined): Operator<None> => ({
  type,
  infer: ([x]) => x!,
  gradient: ({ inputs: [x], output: y, upstream: g }) => [() => byX({ x: x!, y, g })],
});

/** The common part of step functions: constant wherever they are differentiable. */
const steps = (type: string): Operator<None> => unary(type, () => undefined);

/** a + b */
export const add = binary(
  'Add',
  ({ g }) => g,
  ({ g }) => g,
);

/** a − b */
export const sub = binary(
  'Sub',
  ({ g }) => g,
  ({ g }) => g.neg(),
);

/** a · b */
export const mul = binary(
  'Mul',
  ({ b, g }) => g.mul(b),
  ({ a, g }) => g.mul(a),
);

/** a / b */
export const div = binary(
  'Div',
  ({ b, g }) => g.div(b),
  ({ b, y, g }) => g.mul(y).div(b).neg(),
);

/** min(a, b), element by element; of equals, a gets the derivative */
export const minimum = binary(
  'Min',
  ({ a, b, g }) => g.mul(a.lessOrEqual(b).cast(g.dtype)),
  ({ a, b, g }) => g.mul(b.less(a).cast(g.dtype)),
);

/** max(a, b), element by element; of equals, a gets the derivative */
export const maximum = binary(
  'Max',
  ({ a, b, g }) => g.mul(a.greaterOrEqual(b).cast(g.dtype)),
  ({ a, b, g }) => g.mul(b.greater(a).cast(g.dtype)),
);

/**
 * a to the power of b, element by element. As in PyTorch, the derivative of a⁰ by a is 0, and so is the derivative of a power of 0 by its
 * exponent.
 */
export const pow = binary(
  'Pow',
  ({ a, b, g }) => g.mul(b).mul(a.pow(b.equal(0).where(1, b.sub(1)))),
  ({ a, y, g }) => g.mul(y).mul(a.equal(0).where(1, a).log()),
);

/** −x */
export const neg = unary('Neg', ({ g }) => g.neg());

/** 1 / x */
export const reciprocal = unary('Reciprocal', ({ y, g }) => g.mul(y.mul(y)).neg());

/** |x|; the derivative at 0 is 0, as in PyTorch */
export const abs = unary('Abs', ({ x, g }) => g.mul(x.sign()));

/** −1, 0 or 1 */
export const sign = steps('Sign');

/** The largest integer that is not larger than x */
export const floor = steps('Floor');

/** The smallest integer that is not smaller than x */
export const ceil = steps('Ceil');

/** The nearest integer, ties to even */
export const round = steps('Round');

/** √x */
export const sqrt = unary('Sqrt', ({ y, g }) => g.div(y).mul(0.5));

/** eˣ */
export const exp: Operator<None> = {
  ...unary('Exp', ({ y, g }) => g.mul(y)),
  // onnxruntime computes float64 exponentials in pairs and an odd last one separately, with different rounding; it computes powers one by
  // one.
  steady: ([x]) => (x!.dtype === 'float64' ? powerOfE(x!) : undefined),
};

/** The relative difference between e and the nearest float64. */
const beyondE = 1.4456468917292502e-16 / Math.E;

/** (E · (1 + δ))ˣ = Eˣ · (1 + δx) for the float64 number E, as accurate as eˣ itself; beyond ±800 the power is 0 or ∞. */
function powerOfE(x: Tensor): Tensor {
  const base = x.constant(scalar(Math.E, 'float64'));
  return base.pow(x).mul(x.clip(-800, 800).mul(beyondE).add(1));
}

/** 2/√π · ∫₀ˣ exp(−t²) dt */
export const erf: Operator<None> = {
  ...unary('Erf', ({ x, g }) => g.mul(x.mul(x).neg().exp()).mul(2 / Math.sqrt(Math.PI))),
  steady: (operands) => inSingle(erf, operands, {}),
};

/** ln x */
export const log: Operator<None> = {
  ...unary('Log', ({ x, g }) => g.div(x)),
  // onnxruntime computes logarithms four at a time, and the last few of a thread's share one by one, with different rounding.
  steady: ([x]) => oneByOne(x!),
  // OpenCV 4.12 skips a reduction over an axis with one element, and rejects the logarithm of a vector.
  elsewhere: ([x]) => (x!.shape.length === 1 ? x!.unsqueeze([1]).log().reshape(x!.shape) : undefined),
};

/** Written as the logarithm of a sum of one element, which onnxruntime always computes one by one. */
function oneByOne(x: Tensor): Tensor {
  const last = x.shape.length;
  return x.unsqueeze([last]).apply(logOfSum, { axis: last });
}

/** ln Σ x over an axis */
const logOfSum: Operator<{ axis: number }> = {
  type: 'ReduceLogSum',
  infer: ([x], { axis }) => ({ shape: reduceShape(x!.shape, [axis], false), dtype: x!.dtype }),
  onnx: ({ axis }, { version }) => reducing([axis], false, version >= 18),
};
