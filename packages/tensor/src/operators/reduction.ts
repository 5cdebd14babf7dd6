import { int64 } from '../nd-array.ts';
import type { Operator } from '../operator.ts';
import { canBeFilled, elementCount, reduceShape } from '../shape.ts';
import { apply, type Tensor } from '../tensor.ts';

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

/** What all reductions share. */
export function reduction(type: string, byX: (use: ReductionUse) => Tensor): Operator<Reduction> {
  const plain: Operator<Reduction> = {
    type,
    infer: ([x], { axes, keepDims }) => ({ shape: reduceShape(x!.shape, axes, keepDims), dtype: x!.dtype }),
    onnx: ({ axes, keepDims }) => ({ attributes: { keepdims: keepDims ? 1 : 0 }, inputs: [int64(axes)] }),
  };
  const operator: Operator<Reduction> = {
    ...plain,
    steady: ([x], { axes, keepDims }) => {
      const runs = runsOf(axes);
      const result = reduceShape(x!.shape, axes, keepDims);
      if (!canBeFilled(result)) return undefined;
      const inTurn = (y: Tensor, run: readonly number[]) => apply(operator, [y], { axes: run, keepDims: true });
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
    ? apply(plain, [x.reshape([...before, 1, size])], { axes: [first + 1], keepDims: false })
    : apply(plain, [x.reshape([...before, 1, 1, size, ...behind])], { axes: [first, first + 2], keepDims: false });
}

/** How many elements a processor takes at once: onnxruntime is built for SSE2 and NEON, whose vectors have 16 bytes. */
const vectorSize = 4;

/** Whether what lies at one index of the first axis, the batch, fills whole vectors: then each begins as the first one does. */
export function fillsVectors({ shape }: Tensor): boolean {
  const size = elementCount(shape.slice(1));
  return typeof size === 'number' && size % vectorSize === 0;
}
