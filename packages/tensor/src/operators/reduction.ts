import { int64, scalar } from '../nd-array.ts';
import type { OnnxForm, Operator } from '../operator.ts';
import {
  canBeFilled,
  elementCount,
  known,
  normaliseAxes,
  reduceShape,
  showShape,
  TensorError,
  type Shape,
} from '../shape.ts';
import type { Tensor } from '../tensor.ts';

/** One axis or several, negative ones counted from the end. */
export type Axes = number | readonly number[];

/** Whether reduced axes stay, with size 1. */
export interface KeepDims {
  /** false by default. */
  readonly keepDims?: boolean;
}

/** Which axes are reduced (counted from the front), and whether they stay with size 1. */
export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** The operand x; the result y and the gradient g that reached it, both with the reduced axes put back. */
interface ReductionUse extends Pick<Reduction, 'axes'> {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly g: Tensor;
}

/** What all reductions share. Of no elements only a sum is something, 0; onnxruntime says 0 for their mean too. */
function reduction(type: string, byX: (use: ReductionUse) => Tensor): Operator<Reduction> {
  const plain: Operator<Reduction> = {
    type,
    infer: ([x], { axes, keepDims }) => {
      if (type !== 'ReduceSum') refuseNothing(type, x!.shape, axes);
      return { shape: reduceShape(x!.shape, axes, keepDims), dtype: x!.dtype };
    },
    onnx: ({ axes, keepDims }, { version }) => reducing(axes, keepDims, type === 'ReduceSum' || version >= 18),
  };
  const operator: Operator<Reduction> = {
    ...plain,
    steady: ([x], { axes, keepDims }) => {
      const runs = runsOf(axes);
      const result = reduceShape(x!.shape, axes, keepDims);
      if (!canBeFilled(result)) return undefined;
      const inTurn = (y: Tensor, run: readonly number[]) => y.apply(operator, { axes: run, keepDims: true });
      const reduced = runs.length > 1 ? runs.reduce(inTurn, x!) : steadyRun(plain, x!, runs[0]!);
      return reduced?.reshape(result);
    },
    gradient: ({ inputs: [x], output, upstream, attributes: { axes, keepDims } }) => {
      const [y, g] = [output, upstream].map((tensor) => (keepDims ? tensor : tensor.unsqueeze(axes)));
      return [() => byX({ x: x!, y: y!, g: g!, axes })];
    },
  };
  return operator;
}

/** Which axes are reduced: an input, or before set 18, but for sums, an attribute. */
export const reducing = (axes: readonly number[], keepDims: boolean, byInput: boolean): OnnxForm => {
  const keepdims = keepDims ? 1 : 0;
  return byInput ? { attributes: { keepdims }, inputs: [int64(axes)] } : { attributes: { keepdims, axes } };
};

/** What is not defined for no elements is refused where an axis is known to have none. */
export function refuseNothing(operator: string, shape: Shape, axes: readonly number[]): void {
  const empty = axes.find((axis) => shape[axis] === 0);
  if (empty === undefined) return;
  throw new TensorError(`${operator}: axis ${empty} of ${showShape(shape)} has no elements`);
}

/** Axes that follow each other, together. */
function runsOf(axes: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  for (const axis of axes.toSorted((a, b) => a - b)) {
    if (runs.at(-1)?.at(-1) === axis - 1) runs.at(-1)!.push(axis);
    else runs.push([axis]);
  }
  return runs;
}

/**
 * A reduction of neighbouring axes that gives equal rows equal bits, wherever onnxruntime finds them:
 * - It reduces last axes in vectors, from the first address on that is a multiple of a vector's size. Rows that begin at other
 *   addresses are added up in another order.
 * - It reduces axes in the middle by a matrix product where the batch is larger than the number of threads, else one by one.
 * - It reduces axes that lie apart one element after the other. Here two new axes of size 1 set them apart.
 * - Its optimiser moves transpositions past a reduction, which makes last axes ones in the middle. It moves none past a change
 *   of shape.
 * Undefined where the reduction is steady as it is, or the sizes are not known.
 */
function steadyRun(plain: Operator<Reduction>, x: Tensor, run: readonly number[]): Tensor | undefined {
  const { shape } = x;
  const [first, end] = [run[0]!, run[0]! + run.length];
  const [before, behind] = [shape.slice(0, first), shape.slice(end)];
  const size = elementCount(shape.slice(first, end));
  const inVectors = behind.length === 0 && fillsVectors(x);
  const isSteady = run.length === shape.length || (inVectors && shape.length === 2);
  if (isSteady || !canBeFilled([...before, size, ...behind])) return undefined;
  return inVectors
    ? x.reshape([...before, 1, size]).apply(plain, { axes: [first + 1], keepDims: false })
    : x.reshape([...before, 1, 1, size, ...behind]).apply(plain, { axes: [first, first + 2], keepDims: false });
}

/** How many elements a processor takes at once: onnxruntime is built for SSE2 and NEON, whose vectors have 16 bytes. */
const vectorSize = 4;

/** Whether what lies at one index of the first axis, the batch, fills whole vectors: then each begins as the first one does. */
export function fillsVectors({ shape }: Tensor): boolean {
  const size = elementCount(shape.slice(1));
  return typeof size === 'number' && size % vectorSize === 0;
}

/** Σ x over axes */
export const sum = reduction('ReduceSum', ({ x, g }) => g.expandAs(x));

/** mean of x over axes */
export const mean = reduction('ReduceMean', ({ x, g, axes }) => {
  const count = axes.reduce((product, axis) => product * known('ReduceMean', x.shape[axis], 'an averaged size'), 1);
  return g.mul(1 / count).expandAs(x);
});

/**
 * maximum of x over axes; a NaN that is not first is lost. The first of equal maxima has the whole derivative, as with
 * PyTorch's `max(dim)` and max-pooling; its `amax` shares it out.
 */
export const max = reduction('ReduceMax', ({ x, g, axes }) => g.mul(firstLargest(x, axes).cast(g.dtype)));

/** minimum of x over axes, as the maximum: a NaN that is not first is lost, the first of equal minima has the whole derivative. */
export const min = reduction('ReduceMin', ({ x, g, axes }) => g.mul(firstLargest(x.neg(), axes).cast(g.dtype)));

/** √(Σ (x − μ)² / n) over axes, of all n elements there are; the derivative where all are equal is 0, as in PyTorch. */
export function std(x: Tensor, axes: Axes, keep: KeepDims): Tensor {
  const centred = x.sub(x.mean(axes, { keepDims: true }));
  return root(centred.mul(centred).mean(axes, keep), 2);
}

/** Which norm is meant. */
export interface NormOptions extends KeepDims {
  /** The exponent, at least 1; 2 by default. */
  readonly p?: number;
}

/** (Σ |x|ᵖ)^(1/p) over axes; as in PyTorch, the derivative of the norm of zeros is 0. */
export function norm(x: Tensor, axes: Axes, { p = 2, ...keep }: NormOptions): Tensor {
  if (!(p >= 1 && p < Infinity)) throw new TensorError(`norm: p must be a number from 1 on, not ${p}`);
  if (p === 1) return x.abs().sum(axes, keep);
  return root((p === 2 ? x.mul(x) : x.abs().pow(p)).sum(axes, keep), p);
}

/** The p-th root of what is not negative, with the derivative 0 at 0. */
function root(x: Tensor, p: number): Tensor {
  const none = x.equal(0);
  const some = none.where(1, x);
  return none.where(0, p === 2 ? some.sqrt() : some.pow(1 / p));
}

/**
 * Where the largest element of x over the axes is: a bool of x's shape that holds at one element of each group, at the first
 * of equals in the order of the elements, as `argMax` chooses; nowhere where a group holds NaN. It is constant wherever it
 * is differentiable.
 *
 * It makes a loss of one class, `z.logSumExp().sub(firstLargest(z).where(z, 0).sum())`, also where classes are equal.
 */
export function firstLargest(x: Tensor, axes: Axes = -1): Tensor {
  const inward = normaliseAxes('firstLargest', [axes].flat(), x.shape).toSorted((a, b) => b - a);
  let [rest, chosen] = [x, undefined as Tensor | undefined];
  for (const axis of inward) {
    const largest = rest.max(axis, { keepDims: true });
    const first = firstAlong(axis, rest.equal(largest).cast('float32'));
    chosen = chosen?.mul(first) ?? first;
    rest = largest;
  }
  return chosen!.greater(0);
}

/** Of ones and zeros the first one along an axis. Sums of ones, not ArgMax: WebGPU has no whole numbers of 64 bits. */
const firstAlong = (axis: number, ones: Tensor): Tensor => ones.mul(ones.cumSum(axis).lessOrEqual(1).cast('float32'));

/** Where along an axis the maximum is, int64; the first of equals; constant wherever it is differentiable. */
export const argMax: Operator<{ axis: number }> = {
  type: 'ArgMax',
  infer: ([x], { axis }) => {
    refuseNothing('ArgMax', x!.shape, [axis]);
    return { shape: reduceShape(x!.shape, [axis], false), dtype: 'int64' };
  },
  onnx: ({ axis }) => ({ attributes: { axis, keepdims: 0 } }),
  gradient: () => [() => undefined],
};

/** The sums of the elements of x along an axis, each up to and with its own, from the first or from the last on. */
export const cumSum: Operator<{ axis: number; fromLast: boolean }> = {
  type: 'CumSum',
  infer: ([x]) => x!,
  onnx: ({ axis, fromLast }) => ({ attributes: { reverse: fromLast ? 1 : 0 }, inputs: [scalar(axis, 'int64')] }),
  gradient: ({ upstream: g, attributes: { axis, fromLast } }) => [() => g.apply(cumSum, { axis, fromLast: !fromLast })],
};
