import { concat, constant, type Dimension, type Tensor } from '@farout/tensor';
import { apply, broadcast, int64, known, layout, scalar, selection } from '@farout/tensor/graph';
import { rangeOf } from '../fold-sizes.ts';
import { axisOf, fromFront, type Importer, type NodeUse } from '../nodes.ts';

/** Operators that select, join or repeat elements. */
export const importers: Readonly<Record<string, Importer>> = {
  Slice: slice,
  Split: split,
  Concat: join,
  Gather: gather,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  ConstantOfShape: filled,
};

/** For results with more axes than a list of sizes. */
function filled(use: NodeUse): Tensor | undefined {
  const { value } = use.node.attributes;
  const shape = use.known(0)?.values;
  const { tensor, dtype } =
    typeof value === 'object' && 'tensor' in value ? value : { tensor: scalar(0, 'float32'), dtype: undefined };
  if (!shape) return undefined;
  const element = constant({ data: tensor.data.slice(0, 1), shape: [] }, undefined, dtype);
  return apply(layout.expand, [element, use.graph.sizes(shape)], { shape });
}

function slice(use: NodeUse): Tensor | undefined {
  const [starts, ends] = [use.intsOrInput('starts', 1), use.intsOrInput('ends', 2)];
  const axes = use.inputs[3] ? use.numbers(3) : (use.ints('axes') ?? starts?.map((_, axis) => axis));
  const steps = use.inputs[4] ? use.numbers(4) : starts?.map(() => 1);
  if (!starts || !ends || !axes || !steps) return undefined;
  return fromFront(axes, use.x.shape.length).reduce<Tensor | undefined>(
    (x, axis, i) => x && sliceAxis(x, axis, [starts[i]!, ends[i]!, steps[i]!]),
    use.x,
  );
}

function sliceAxis(x: Tensor, axis: number, [start, end, step]: [number, number, number]): Tensor | undefined {
  const size = x.shape[axis];
  const farthest = 2 ** 31 - 1;
  if (typeof size !== 'number') return start === 0 && end >= farthest && step === 1 ? x : undefined;
  const { first, count } = rangeOf(size, start, end, step);
  if (step > 0) return count === size ? x : x.slice(axis, first, Math.min(first + count * step, size), step);
  // Slicing backwards is slicing forwards on the reversed axis.
  const from = size - 1 - first;
  return x.reverse([axis]).slice(axis, from, Math.min(from - count * step, size), -step);
}

function split(use: NodeUse): readonly Tensor[] | undefined {
  const axis = axisOf(use, 0);
  const size = known('Split', use.x.shape[axis], 'a split size');
  const said = use.intsOrInput('split', 1);
  if (use.inputs[1] && !said) return undefined;
  const parts = use.int('num_outputs', use.results);
  const each = Math.ceil(size / parts);
  const sizes = said ?? Array.from({ length: parts }, (_, i) => Math.min(each, size - i * each));
  let end = 0;
  return sizes.map((length) => use.x.slice(axis, end, (end += length)));
}

/** Repeats an operand meant for one image for the batch. */
function join(use: NodeUse): Tensor {
  const operands = use.inputs as readonly Tensor[];
  if (operands.length === 1) return operands[0]!;
  const axis = axisOf(use, 0);
  return concat(use.graph.rebatched ? overBatch(operands, axis, use) : operands, axis);
}

function overBatch(operands: readonly Tensor[], axis: number, { graph }: NodeUse): readonly Tensor[] {
  const [first] = operands;
  const common = first!.shape.map((_, each): Dimension => {
    const sizes = operands.map(({ shape }) => shape[each]!);
    return each === axis ? 1 : (sizes.find((size) => typeof size === 'string') ?? sizes[0]!);
  });
  return operands.map((operand) => {
    const lacks = common.some((size, each) => typeof size === 'string' && operand.shape[each] === 1 && each !== axis);
    return lacks ? apply(layout.expand, [operand, graph.sizes(common)], { shape: common }) : operand;
  });
}

/** A single known index is a slice, whose derivative is cheaper. */
function gather(use: NodeUse): Tensor {
  const { x } = use;
  const axis = axisOf(use, 0);
  const [size, index] = [x.shape[axis], use.numbers(1)];
  if (index?.length !== 1 || typeof size !== 'number') {
    return apply(selection.gather, [x, use.tensor(1)], { axis });
  }
  const [at] = fromFront(index, size);
  const taken = x.slice(axis, at!, at! + 1);
  return use.known(1)!.scalar ? taken.reshape(x.shape.filter((_, each) => each !== axis)) : taken;
}

function expand(use: NodeUse): Tensor | undefined {
  const wanted = use.known(1)?.values;
  if (!wanted) return undefined;
  const shape = broadcast('Expand', use.x.shape, wanted);
  return apply(layout.expand, [use.x, use.graph.sizes(shape)], { shape });
}

function tile(use: NodeUse): Tensor | undefined {
  const counts = use.numbers(1);
  return counts?.reduce(
    (x, count, axis) =>
      count === 1
        ? x
        : concat(
            Array.from({ length: count }, () => x),
            axis,
          ),
    use.x,
  );
}

function pad(use: NodeUse): Tensor | undefined {
  const { x } = use;
  const [said, value] = [use.intsOrInput('pads', 1), use.numbers(2) ?? [use.float('value', 0)]];
  const axes = use.inputs[3] ? use.numbers(3) : x.shape.map((_, axis) => axis);
  if (!said || !axes || (use.inputs[2] && !use.known(2))) return undefined;
  const each = fromFront(axes, x.shape.length).map((axis, i) => [axis, said[i]!, said[i + axes.length]!] as const);
  const mode = use.text('mode', 'constant');
  return each.reduce((y, [axis, before, behind]) => {
    if (before === 0 && behind === 0) return y;
    return mode === 'constant' ? y.pad(axis, before, behind, value[0]) : repeatEdges(y, axis, before, behind, mode);
  }, x);
}

/** Pads with elements of x itself: the outermost one (edge), mirrored (reflect) or from the other side (wrap). */
function repeatEdges(x: Tensor, axis: number, before: number, behind: number, mode: string): Tensor {
  const size = known('Pad', x.shape[axis], 'a padded size');
  const indices = Array.from({ length: size + before + behind }, (_, i) => {
    const at = i - before;
    if (mode === 'edge') return Math.min(Math.max(at, 0), size - 1);
    if (mode === 'wrap') return ((at % size) + size) % size;
    const period = Math.max(2 * (size - 1), 1);
    const within = ((at % period) + period) % period;
    return Math.min(within, period - within);
  });
  return apply(selection.gather, [x, constant(int64(indices))], { axis });
}
