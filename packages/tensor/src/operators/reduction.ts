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

/** One axis or several; negative ones count from the end. */
export type Axes = number | readonly number[];

/** Whether reduced axes are kept, with size 1. */
export interface KeepDims {
  /** false by default. */
  readonly keepDims?: boolean;
}

/** The axes to reduce (counted from the front), and whether they are kept with size 1. */
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

/** The common part of all reductions. Without elements only a sum is defined, 0; onnxruntime returns 0 for the mean, too. */
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

/** The axes to reduce: an input, or, before set 18 and except for sums, an attribute. */
export const reducing = (axes: readonly number[], keepDims: boolean, byInput: boolean): OnnxForm => {
  const keepdims = keepDims ? 1 : 0;
  return byInput ? { attributes: { keepdims }, inputs: [int64(axes)] } : { attributes: { keepdims, axes } };
};

/** Rejects a reduction that is undefined without elements if an axis is known to have none. */
export function refuseNothing(operator: string, shape: Shape, axes: readonly number[]): void {
  const empty = axes.find((axis) => shape[axis] === 0);
  if (empty === undefined) return;
  throw new TensorError(`${operator}: axis ${empty} of ${showShape(shape)} has no elements`);
}

/** Groups adjacent axes. */
function runsOf(axes: readonly number[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  for (const axis of axes.toSorted((a, b) => a - b)) {
    if (runs.at(-1)?.at(-1) === axis - 1) runs.at(-1)!.push(axis);
    else runs.push([axis]);
  }
  return runs;
}

/**
 * A reduction of adjacent axes that gives equal rows equal bits, independent of how onnxruntime computes it:
 * - It reduces last axes in vectors, from the first aligned address on. Rows with a different alignment are summed in another order.
 * - It reduces middle axes by a matrix product if the batch is larger than the number of threads, and otherwise one by one.
 * - It reduces non-adjacent axes one element after the other. Two new axes of size 1 make them non-adjacent here.
 * - Its optimiser moves transpositions past a reduction, which turns last axes into middle ones. It does not move them past a reshape.
 * Undefined if the reduction is already steady, or the sizes are unknown.
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

/** Elements per vector: onnxruntime is built for SSE2 and NEON, whose vectors have 16 bytes. */
const vectorSize = 4;

/** Whether each item of the first axis, the batch, fills whole vectors; then all items have the same alignment. */
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
 * maximum of x over axes; a NaN that is not first is lost. The first of equal maxima gets the whole derivative, as in PyTorch's `max(dim)`
 * and max-pooling; its `amax` distributes it.
 */
export const max = reduction('ReduceMax', ({ x, g, axes }) => g.mul(firstLargest(x, axes).cast(g.dtype)));

/** minimum of x over axes; as for the maximum, a NaN that is not first is lost, and the first of equal minima gets the whole derivative. */
export const min = reduction('ReduceMin', ({ x, g, axes }) => g.mul(firstLargest(x.neg(), axes).cast(g.dtype)));

/** √(Σ (x − μ)² / n) over axes, the population standard deviation of n elements; its derivative is 0 where all are equal, as in PyTorch. */
export function std(x: Tensor, axes: Axes, keep: KeepDims): Tensor {
  const centred = x.sub(x.mean(axes, { keepDims: true }));
  return root(centred.mul(centred).mean(axes, keep), 2);
}

/** The kind of norm. */
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

/** The p-th root of a non-negative tensor, with the derivative 0 at 0. */
function root(x: Tensor, p: number): Tensor {
  const none = x.equal(0);
  const some = none.where(1, x);
  return none.where(0, p === 2 ? some.sqrt() : some.pow(1 / p));
}

/**
 * Marks the largest element of x over the axes: a bool of x's shape that is true at one element of each group. Of equals it is the first in
 * the order of the elements, as for `argMax`; it is nowhere true if a group contains NaN. It is constant wherever it is differentiable.
 *
 * It gives the loss of the predicted class, `z.logSumExp().sub(firstLargest(z).where(z, 0).sum())`, even if logits are equal.
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

/** Keeps the first 1 along an axis of zeros and ones. It uses cumulative sums instead of ArgMax because WebGPU has no 64-bit integers. */
const firstAlong = (axis: number, ones: Tensor): Tensor => ones.mul(ones.cumSum(axis).lessOrEqual(1).cast('float32'));

/** The position of the maximum along an axis, int64; the first of equals; constant wherever it is differentiable. */
export const argMax: Operator<{ axis: number }> = {
  type: 'ArgMax',
  infer: ([x], { axis }) => {
    refuseNothing('ArgMax', x!.shape, [axis]);
    return { shape: reduceShape(x!.shape, [axis], false), dtype: 'int64' };
  },
  onnx: ({ axis }) => ({ attributes: { axis, keepdims: 0 } }),
  gradient: () => [() => undefined],
};

/** Cumulative sums of x along an axis, each including its own element, from the first or from the last element. */
export const cumSum: Operator<{ axis: number; fromLast: boolean }> = {
  type: 'CumSum',
  infer: ([x]) => x!,
  onnx: ({ axis, fromLast }) => ({ attributes: { reverse: fromLast ? 1 : 0 }, inputs: [scalar(axis, 'int64')] }),
  gradient: ({ upstream: g, attributes: { axis, fromLast } }) => [() => g.apply(cumSum, { axis, fromLast: !fromLast })],
};
