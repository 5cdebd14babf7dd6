import type { Tensor } from '@farout/tensor';
import { dtypeFor, elementCount, known } from '@farout/tensor/graph';
import type { Importer, NodeUse } from '../nodes.ts';
import { fromFront } from './axes.ts';
import { fillIn, reshape } from './reshape.ts';

const same: Importer = ({ x, results }) => (results > 1 ? undefined : x);

/** What changes shapes, order and dtypes, and computes nothing. */
export const layout: Readonly<Record<string, Importer>> = {
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

/** All axes of size 1 go where none are said. */
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
