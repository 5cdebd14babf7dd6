import { scalar, type DType } from '../nd-array.ts';
import type { None, Operator } from '../operator.ts';
import { TensorError } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { binary, unary, type UnaryUse } from './arithmetic.ts';

/** The common part of element-wise operators with one operand and floating-point settings. */
const activation = <A extends Readonly<Record<string, number>>>(
  type: string,
  byX: (use: UnaryUse & A) => Tensor,
): Operator<A> => ({
  type,
  infer: ([x]) => x!,
  onnx: (settings) => ({
    attributes: Object.fromEntries(Object.entries(settings).map(([name, float]) => [name, { float }])),
  }),
  gradient: ({ inputs: [x], output: y, upstream: g, attributes }) => [() => byX({ x: x!, y, g, ...attributes })],
});

/** max(x, 0); the derivative at 0 is 0, as in PyTorch */
export const relu = unary('Relu', ({ y, g }) => g.mul(positive(y)));

/**
 * 1 where y > 0 and 0 where y = 0. In single precision it is computed as min(2¹²⁷ · y, 1), one pass over a map instead of two. This is
 * exact except for y below 2⁻¹²⁷, which is less than the smallest normal number.
 */
const positive = (y: Tensor): Tensor =>
  y.dtype === 'float32' ? y.apply(hardSigmoid, { alpha: 2 ** 127, beta: 0 }) : y.greater(0).cast(y.dtype);

/** Bounds in the dtype of the clipped tensor; an infinite bound means none. */
export interface Bounds {
  readonly low: number;
  readonly high: number;
  readonly dtype: DType;
}

/** min(max(x, low), high); the derivative at both ends is 0, as in PyTorch's relu6. */
export const clip: Operator<Bounds> = {
  type: 'Clip',
  infer: ([x], bounds) => {
    finite(bounds);
    return x!;
  },
  onnx: (bounds) => ({
    attributes: {},
    inputs: finite(bounds),
    absent: Number.isFinite(bounds.low) ? [] : [1],
  }),
  // The first operand is computed last, so the mask is still in the cache when it is used.
  gradient: ({ output: y, upstream: g, attributes: { low, high } }) => [() => strictlyBetween(y, low, high).mul(g)],
};

const finite = ({ low, high, dtype }: Bounds) =>
  [low, high].filter(Number.isFinite).map((bound) => scalar(bound, dtype));

/** 1 where low < y < high and 0 elsewhere, in y's dtype; assumes low ≤ y ≤ high. */
function strictlyBetween(y: Tensor, low: number, high: number): Tensor {
  const isMap = y.dtype === 'float32' && y.hasShape && y.shape.length === 4 && typeof y.shape[1] === 'number';
  if (isMap && low < high && Number.isFinite(high - low)) return insideOfMap(y, low, high);
  return y.greater(low).cast(y.dtype).mul(y.less(high).cast(y.dtype));
}

/**
 * The same for a map: 1 where t = top − (y − low) / s is below 0, with top = 1 at `high` and at most ½ elsewhere, and s the smallest power
 * of two that is at least high − low. Written this way it takes two passes over the map and keeps the layout that onnxruntime uses for
 * convolutions: the division is a depthwise convolution, into which the sum and the comparison, min(max(−2¹²⁶ · t, 0), 1), are fused. Exact
 * except where y − low is below s · 2⁻¹²⁶.
 */
function insideOfMap(y: Tensor, low: number, high: number): Tensor {
  const groups = y.shape[1] as number;
  const perChannel = (value: number, ...rest: number[]) =>
    y.constant({ data: new Float32Array(groups).fill(value), shape: [groups, ...rest] });
  const scale = 2 ** -Math.ceil(Math.log2(high - low));
  // The next float below `high` is 1 / steep away from it, or half of that.
  const steep = 2 ** Math.min(23 - Math.floor(Math.log2(Math.abs(high))), 126);
  const top = y.apply(hardSigmoid, { alpha: steep, beta: 1 - steep * Math.fround(high) });
  return y
    .conv(perChannel(-scale, 1, 1, 1), { bias: perChannel(scale * low), groups })
    .add(top)
    .apply(hardSigmoid, { alpha: -(2 ** 126), beta: 0 });
}

/** 1 / (1 + e⁻ˣ) */
export const sigmoid: Operator<None> = {
  ...unary('Sigmoid', ({ y, g }) => g.mul(y.sub(y.mul(y)))),
  // In float64, onnxruntime's Sigmoid rounds differently in pairs and one by one, as its Exp does.
  steady: ([x]) => (x!.dtype === 'float64' ? x!.neg().exp().add(1).pow(-1) : undefined),
};

/** tanh x; its derivative is 1 − tanh² x */
export const tanh = unary('Tanh', ({ y, g }) => g.sub(g.mul(y.mul(y))));

/** x where x > 0, alpha · (eˣ − 1) elsewhere */
export const elu: Operator<{ alpha: number }> = {
  ...activation<{ alpha: number }>('Elu', ({ x, y, g, alpha }) => x.greater(0).where(g, g.mul(y.add(alpha)))),
  // onnxruntime's Elu rounds differently in vectors and one by one, as its Log does.
  steady: ([x], { alpha }) => x!.greater(0).where(x!, x!.minimum(0).exp().sub(1).mul(alpha)),
};

/** x where x > 0, alpha · (e^(x / alpha) − 1) elsewhere: unlike Elu, with the derivative 1 at 0 for every alpha */
export const celu: Operator<{ alpha: number }> = {
  ...activation<{ alpha: number }>('Celu', ({ x, y, g, alpha }) => x.greater(0).where(g, g.mul(y.div(alpha).add(1)))),
  infer: ([x], { alpha }) => {
    if (alpha === 0 || !Number.isFinite(alpha))
      throw new TensorError(`Celu: alpha is ${alpha}; it must be finite and not 0`);
    return x!;
  },
  // onnxruntime's Celu rounds differently in vectors and one by one, and exists only in float32.
  steady: ([x], { alpha }) => x!.greater(0).where(x!, x!.minimum(0).div(alpha).exp().sub(1).mul(alpha)),
};

/** gamma · x where x > 0, gamma · alpha · (eˣ − 1) elsewhere */
export const selu: Operator<{ alpha: number; gamma: number }> = {
  ...activation<{ alpha: number; gamma: number }>('Selu', ({ x, y, g, alpha, gamma }) =>
    x.greater(0).where(g.mul(gamma), g.mul(y.add(alpha * gamma))),
  ),
  steady: ([x], { alpha, gamma }) => x!.apply(elu, { alpha }).mul(gamma),
};

/** log(1 + eˣ) */
export const softplus: Operator<None> = {
  ...unary('Softplus', ({ x, g }) => g.mul(x.sigmoid())),
  // onnxruntime's Softplus rounds differently in vectors and one by one, as its Log does, and takes longer than this.
  steady: ([x]) => x!.maximum(0).add(x!.abs().neg().exp().add(1).log()),
};

/** x / (1 + |x|) */
export const softsign = unary('Softsign', ({ x, g }) => {
  const span = x.abs().add(1);
  return g.div(span.mul(span));
});

/** x where x > 0, alpha · x elsewhere */
export const leakyRelu = activation<{ alpha: number }>('LeakyRelu', ({ x, g, alpha }) =>
  x.greater(0).where(g, g.mul(alpha)),
);

/** x where x > 0, slope · x elsewhere; the slope is broadcast to x */
export const pRelu = binary(
  'PRelu',
  ({ a: x, b: slope, g }) => x.greater(0).where(g, g.mul(slope)),
  ({ a: x, g }) => g.mul(x.minimum(0)),
);

/** min(max(alpha · x + beta, 0), 1); the derivative at both corners is 0, as in PyTorch */
export const hardSigmoid = activation<{ alpha: number; beta: number }>('HardSigmoid', ({ y, g, alpha }) =>
  g.mul(alpha).mul(strictlyBetween(y, 0, 1)),
);

/** x · min(max(x / 6 + 1/2, 0), 1); at its corners, −3 and 3, the derivative is that of the middle part, as in PyTorch */
export const hardSwish = unary('HardSwish', ({ x, g }) => {
  const between = g.mul(x.div(3).add(0.5)).mul(x.greaterOrEqual(-3).cast(g.dtype));
  return x.greater(3).where(g, between);
});

/** x · Φ(x), Φ the standard normal distribution function; or the usual approximation by tanh. */
export const gelu: Operator<{ approximate: 'none' | 'tanh' }> = {
  type: 'Gelu',
  infer: ([x]) => x!,
  before: {
    version: 20,
    form: ([x], { approximate }) => x!.mul(approximate === 'tanh' ? approximateShare(x!) : share(x!)),
  },
  gradient: ({ inputs: [x], upstream: g, attributes: { approximate } }) => [
    () => g.mul(approximate === 'tanh' ? slopeOfApproximation(x!) : slope(x!)),
  ],
};

/** Φ(x) */
const share = (x: Tensor): Tensor => x.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5);

/** Φ(x) + x · φ(x) */
function slope(x: Tensor): Tensor {
  const density = x
    .mul(x)
    .mul(-0.5)
    .exp()
    .mul(1 / Math.sqrt(2 * Math.PI));
  return share(x).add(x.mul(density));
}

/** √(2/π) and a of u = √(2/π) · (x + a · x³), whose tanh takes Φ's place. */
const [scale, a] = [Math.sqrt(2 / Math.PI), 0.044715];
const approximateTanh = (x: Tensor): Tensor => x.mul(x.mul(x).mul(a).add(1)).mul(scale).tanh();

/** (1 + tanh u)/2 */
const approximateShare = (x: Tensor): Tensor => approximateTanh(x).add(1).mul(0.5);

/** Of x/2 · (1 + tanh u): (1 + tanh u)/2 + x/2 · (1 − tanh² u) · u′ */
function slopeOfApproximation(x: Tensor): Tensor {
  const square = x.mul(x);
  const t = approximateTanh(x);
  const rise = square
    .mul(3 * a)
    .add(1)
    .mul(scale);
  return t
    .add(1)
    .add(x.mul(t.mul(t).neg().add(1)).mul(rise))
    .mul(0.5);
}

/** exp(x) / Σ exp(x) over an axis, as one operator: faster than the composed `Tensor.softmax`, whose parts can be shared between detectors. */
export const softmax: Operator<{ axis: number }> = {
  type: 'Softmax',
  infer: ([x]) => x!,
  // In float64, onnxruntime sums each row in an order that depends on its address.
  steady: ([x], { axis }) => (x!.dtype === 'float64' ? x!.softmax(axis) : undefined),
  gradient: ({ output: y, upstream: g, attributes: { axis } }) => [
    () => {
      const share = g.mul(y);
      return share.sub(y.mul(share.sum(axis, { keepDims: true })));
    },
  ],
};

/** x − log Σ exp(x) over an axis, as one operator, so that readers of the graph recognise it. */
export const logSoftmax: Operator<{ axis: number }> = {
  type: 'LogSoftmax',
  infer: ([x]) => x!,
  // As for Softmax.
  steady: ([x], { axis }) => (x!.dtype === 'float64' ? x!.sub(x!.logSumExp(axis).unsqueeze([axis])) : undefined),
  gradient: ({ output: y, upstream: g, attributes: { axis } }) => [
    () => g.sub(y.exp().mul(g.sum(axis, { keepDims: true }))),
  ],
};
