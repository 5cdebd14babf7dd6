import { factors, over, times, type Dimension } from '../../dimension.ts';
import { elementCount, showShape, type Shape } from '../../shape.ts';
import type { Tensor } from '../../tensor.ts';
import { TensorError } from '../../tensor-error.ts';
import type { NodeUse } from '../node-use.ts';

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
 * A shape that was meant for one image, for a batch of them: the axis whose elements follow one another as far apart as
 * the images do is multiplied by the batch.
 */
function withBatch(from: Shape, target: readonly number[]): Shape {
  const axis = from.findIndex((size) => typeof size === 'string');
  const { names } = factors(from[axis]!);
  const before = elementCount(from.slice(0, axis));
  const places = target.flatMap((_, place) => (elementCount(target.slice(0, place)) === before ? [place] : []));
  const place = places.find((each) => target[each] === 1) ?? places[0];
  if (place === undefined || from.filter((size) => typeof size === 'string').length > 1) {
    throw new TensorError(
      `Reshape: ${showShape(from)} to ${showShape(target)}, written for one image, is not clear for a batch of them`,
    );
  }
  return target.map((size, each): Dimension => (each === place ? names.reduce<Dimension>(times, size) : size));
}
