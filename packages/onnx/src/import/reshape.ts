import { type Dimension, type Shape, type Tensor, TensorError } from '@farout/tensor';
import { elementCount, factors, over, showShape, times } from '@farout/tensor/graph';
import type { NodeUse } from '../nodes.ts';

/** A shape of which 0 stands for the size that x has there, and −1 for what is left. */
export function reshape(use: NodeUse): Tensor | undefined {
  const wanted = use.ints('shape') ?? use.known(1)?.values;
  if (!wanted) return undefined;
  const { x } = use;
  const keepsZero = use.int('allowzero', 0) === 1;
  const target = wanted.map((size, axis) => (size === 0 && !keepsZero ? x.shape[axis]! : size));
  return x.reshape(fillIn(x.shape, target, use.graph.rebatched));
}

/** The shape with what is left in the place of −1; with the batch in it where the file has fixed that at 1. */
export function fillIn(from: Shape, target: Shape, rebatched: boolean): Shape {
  const batch = from.find((size) => typeof size === 'string');
  const named = target.some((size) => typeof size === 'string');
  if (!rebatched || batch === undefined || named) return withRest(from, target);
  const single = from.map((size) => factors(size).count);
  return withBatch(from, withRest(single, target) as number[]);
}

function withRest(from: Shape, target: Shape): Shape {
  const open = target.indexOf(-1);
  if (open < 0) return target;
  const rest = over(elementCount(from), elementCount(target.filter((_, axis) => axis !== open)));
  if (rest !== undefined) return target.map((size, axis) => (axis === open ? rest : size));
  throw new TensorError(`Reshape: the elements of ${showShape(from)} do not fill ${showShape(target)}`);
}

/**
 * A shape that was meant for one image, for a batch of them: one size is multiplied by the batch. In the order of the
 * elements the images follow one another somewhere, and there the batch belongs: it takes the place of a size of 1, or joins
 * the axis behind, or the one in front where the axis behind is the last, that of the features. So PyTorch's attention
 * is understood: (17, N, 48) → (17, N·4, 12) → (17·N, 48). Number and name stand in the order in which they count: `17·N` has
 * the images of one place next to each other, `N·17` the places of one image.
 *
 * It is a guess where both neighbours are possible: whoever opens a model compares it with the original.
 */
function withBatch(from: Shape, target: readonly number[]): Shape {
  const axes = from.flatMap((size, axis) => (typeof size === 'string' ? [axis] : []));
  const place = axes.length === 1 ? placeOfBatch(from, axes[0]!, target) : undefined;
  if (!place) {
    throw new TensorError(
      `Reshape: ${showShape(from)} to ${showShape(target)}, written for one image, is not clear for a batch of them`,
    );
  }
  const { names } = factors(from[axes[0]!]!);
  return target.map((size, axis) => {
    if (axis !== place.axis) return size;
    return place.joined ? [size, ...names].join('·') : names.reduce<Dimension>(times, size);
  });
}

/** The axis that the batch goes to, and whether it joins that axis from behind. */
function placeOfBatch(from: Shape, axis: number, target: readonly number[]) {
  const inFront = Number.parseInt(from[axis] as string, 10) || 1;
  const before = times(elementCount(from.slice(0, axis)), inFront);
  const starts = target.map((_, each) => elementCount(target.slice(0, each)));
  const behind = starts.flatMap((start, each) => (start === before ? [each] : []));
  const free = behind.find((each) => target[each] === 1) ?? behind.find((each) => each < target.length - 1);
  const front = starts.findIndex((start, each) => start !== before && times(start, target[each]!) === before);
  if (free !== undefined) return { axis: free, joined: false };
  if (front >= 0) return { axis: front, joined: true };
  return behind[0] === undefined ? undefined : { axis: behind[0], joined: false };
}
