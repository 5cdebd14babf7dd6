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

/** What all element-wise operators of two operands share: they broadcast, and both have one dtype. */
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

/** What all element-wise operators of one operand share: nothing changes but the values. */
export const unary = (type: string, byX: (use: UnaryUse) => Tensor | undefined): Operator<None> => ({
  type,
  infer: ([x]) => x!,
  gradient: ({ inputs: [x], output: y, upstream: g }) => [() => byX({ x: x!, y, g })],
});

/** What all that rises in steps shares: it is constant wherever it is differentiable. */
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

/** min(a, b), element by element; of equals, a is taken to be the smaller one */
export const minimum = binary(
  'Min',
  ({ a, b, g }) => g.mul(a.lessOrEqual(b).cast(g.dtype)),
  ({ a, b, g }) => g.mul(b.less(a).cast(g.dtype)),
);

/** max(a, b), element by element; of equals, a is taken to be the larger one */
export const maximum = binary(
  'Max',
  ({ a, b, g }) => g.mul(a.greaterOrEqual(b).cast(g.dtype)),
  ({ a, b, g }) => g.mul(b.greater(a).cast(g.dtype)),
);

/** a to the power of b, element by element. As in PyTorch a⁰ has the derivative 0, and a power of 0 does not change with its exponent. */
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

/** The largest whole number that is not larger than x */
export const floor = steps('Floor');

/** The smallest whole number that is not smaller than x */
export const ceil = steps('Ceil');

/** The nearest whole number; of two equally near ones the even one */
export const round = steps('Round');

/** √x */
export const sqrt = unary('Sqrt', ({ y, g }) => g.div(y).mul(0.5));

/** eˣ */
export const exp: Operator<None> = {
  ...unary('Exp', ({ y, g }) => g.mul(y)),
  // onnxruntime takes float64 exponentials in pairs and the last one by itself, which round differently; powers one by one.
  steady: ([x]) => (x!.dtype === 'float64' ? powerOfE(x!) : undefined),
};

/** How much larger e is than the float64 next to it, relative to it. */
const beyondE = 1.4456468917292502e-16 / Math.E;

/** (E · (1 + δ))ˣ = Eˣ · (1 + δx) for the float64 number E, as precise as eˣ itself: beyond ±800 the power is 0 or ∞. */
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
  // onnxruntime takes the logarithms of four elements at once, those of the last few in a thread's share one by one; these
  // round differently.
  steady: ([x]) => oneByOne(x!),
  // OpenCV 4.12 takes a reduction over an axis of one element for nothing to do, and refuses the logarithm of a vector.
  elsewhere: ([x]) => (x!.shape.length === 1 ? x!.unsqueeze([1]).log().reshape(x!.shape) : undefined),
};

/** As the logarithm of a sum of one element, which onnxruntime always takes by itself. */
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
