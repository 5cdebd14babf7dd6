import { TensorError, type Dimension, type Shape, type Tensor } from '@farout/tensor';
import { elementCount, factors, known, over, showShape, times } from '@farout/tensor/graph';
import { dtypeFor } from '../encoding.ts';
import { fromFront, type Importer, type NodeUse } from '../nodes.ts';

const same: Importer = ({ x, results }) => (results > 1 ? undefined : x);

/** Operators that change shape, order or dtype, and compute nothing. */
export const importers: Readonly<Record<string, Importer>> = {
  Identity: same,
  Dropout: (use) => [use.x],
  Cast: (use) => {
    const dtype = dtypeFor(use.int('to', 0));
    return dtype && use.x.cast(dtype);
  },
  CastLike: (use) => use.x.cast(use.tensor(1).dtype),
  Reshape: reshape,
  Flatten: flatten,
  Squeeze: squeeze,
  Unsqueeze: (use) => {
    const axes = use.intsOrInput('axes', 1);
    return axes && use.x.unsqueeze(fromFront(axes, use.x.shape.length + axes.length));
  },
  Transpose: (use) => use.x.transpose(...(use.ints('perm') ?? use.x.shape.map((_, axis) => axis).reverse())),
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};

function flatten(use: NodeUse): Tensor {
  const { x } = use;
  const axis = use.int('axis', 1);
  const cut = axis < 0 ? axis + x.shape.length : axis;
  const target = [elementCount(x.shape.slice(0, cut)), elementCount(x.shape.slice(cut))];
  return x.reshape(target);
}

/** Without axes, removes all axes of size 1. */
function squeeze(use: NodeUse): Tensor | undefined {
  const said = use.intsOrInput('axes', 1);
  if (use.inputs[1] && !said) return undefined;
  const { x } = use;
  const axes = said ? fromFront(said, x.shape.length) : x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const kept = x.shape.filter((_, axis) => !axes.includes(axis));
  return axes.length === 0 ? x : x.reshape(fillIn(x.shape, kept, false));
}

const sizesOf = (use: NodeUse): [Tensor, number, number, number] => {
  const [c, h, w] = use.x.shape.slice(1).map((size) => known(use.node.type, size, 'the size of an image'));
  return [use.x, c!, h!, w!];
};

/** Blocks of channels become blocks of pixels. */
function depthToSpace(use: NodeUse): Tensor {
  const [x, c, h, w] = sizesOf(use);
  const b = use.int('blocksize', 1);
  const [n, inner] = [x.shape[0]!, c / (b * b)];
  const moved =
    use.text('mode', 'DCR') === 'CRD'
      ? x.reshape([n, inner, b, b, h, w]).transpose(0, 1, 4, 2, 5, 3)
      : x.reshape([n, b, b, inner, h, w]).transpose(0, 3, 4, 1, 5, 2);
  return moved.reshape([n, inner, h * b, w * b]);
}

/** Blocks of pixels become blocks of channels. */
function spaceToDepth(use: NodeUse): Tensor {
  const [x, c, h, w] = sizesOf(use);
  const b = use.int('blocksize', 1);
  const n = x.shape[0]!;
  const moved = x.reshape([n, c, h / b, b, w / b, b]).transpose(0, 3, 5, 1, 2, 4);
  return moved.reshape([n, b * b * c, h / b, w / b]);
}

/** Reshapes: in the target, 0 means the size of x on that axis, and −1 the remaining size. */
export function reshape(use: NodeUse): Tensor | undefined {
  const wanted = use.ints('shape') ?? use.known(1)?.values;
  if (!wanted) return undefined;
  const { x } = use;
  const keepsZero = use.int('allowzero', 0) === 1;
  const target = wanted.map((size, axis) => (size === 0 && !keepsZero ? x.shape[axis]! : size));
  return x.reshape(fillIn(x.shape, target, use.graph.rebatched));
}

/** The shape with −1 replaced by the remaining size, and with the batch inserted if the file fixes it at 1. */
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
 * Adapts a shape meant for one image to a batch: multiplies one size by the batch. The batch belongs where consecutive images follow each other in
 * element order: it replaces a size of 1, or joins the next axis, or the previous axis if the next is the last one, the features. This handles
 * PyTorch's attention: (17, N, 48) → (17, N·4, 12) → (17·N, 48). The factors are in element order: in `17·N`, the images of one place are
 * adjacent; in `N·17`, the places of one image.
 *
 * If both neighbours are possible, this is a guess. Whoever opens a model compares it with the original.
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

/** The axis that gets the batch, and whether the batch is its last factor. */
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
