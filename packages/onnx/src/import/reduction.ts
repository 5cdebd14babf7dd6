import type { Axes, KeepDims, Tensor } from '@farout/tensor';
import { canBeFilled, normaliseAxes, reduceShape } from '@farout/tensor/graph';
import { axisOf, type Importer, type NodeUse } from '../nodes.ts';

type Reduce = (x: Tensor, axes: Axes, keep: KeepDims) => Tensor;

/** The axes are an attribute in older operator sets; default: all axes. */
const reduction =
  (reduce: Reduce): Importer =>
  (use) => {
    const said = use.intsOrInput('axes', 1);
    if (use.inputs[1] && !said) return undefined;
    const none = said === undefined || said.length === 0;
    const rank = use.x.shape.length;
    // Without axes, every element is its own group.
    if ((none && use.int('noop_with_empty_axes', 0) === 1) || rank === 0)
      return reduce(use.x.unsqueeze([rank]), rank, {});
    const axes = none ? use.x.shape.map((_, axis) => axis) : said;
    return reduce(use.x, axes, { keepDims: use.int('keepdims', 1) === 1 });
  };

const logSumExp: Reduce = (x, axes, keep) => {
  const largest = x.max(axes, { keepDims: true });
  return x.sub(largest).exp().sum(axes, keep).log().add(x.max(axes, keep));
};

/** `log` in tensor's arithmetic is written as the logarithm of a sum of one number; this reads it back as `log`. */
function logSum(x: Tensor, axes: Axes, { keepDims = false }: KeepDims): Tensor {
  const reduced = normaliseAxes('ReduceLogSum', [axes].flat(), x.shape);
  const result = reduceShape(x.shape, reduced, keepDims);
  const single = reduced.every((axis) => x.shape[axis] === 1) && canBeFilled(result);
  return (single ? x.reshape(result) : x.sum(axes, { keepDims })).log();
}

/** Reduces every channel to one pixel. */
const overSpace =
  (reduce: Reduce): Importer =>
  ({ x }) =>
    reduce(x, x.shape.map((_, axis) => axis).slice(2), { keepDims: true });

export const importers: Readonly<Record<string, Importer>> = {
  ReduceSum: reduction((x, ...how) => x.sum(...how)),
  ReduceMean: reduction((x, ...how) => x.mean(...how)),
  ReduceMax: reduction((x, ...how) => x.max(...how)),
  ReduceMin: reduction((x, ...how) => x.min(...how)),
  ReduceL1: reduction((x, axes, keep) => x.norm(axes, { p: 1, ...keep })),
  ReduceL2: reduction((x, ...how) => x.norm(...how)),
  ReduceSumSquare: reduction((x, ...how) => x.mul(x).sum(...how)),
  ReduceLogSum: reduction(logSum),
  ReduceLogSumExp: reduction(logSumExp),
  GlobalAveragePool: overSpace((x, ...how) => x.mean(...how)),
  GlobalMaxPool: overSpace((x, ...how) => x.max(...how)),
  ArgMax: argMax,
};

function argMax(use: NodeUse): Tensor | undefined {
  if (use.int('select_last_index', 0) === 1) return undefined;
  const axis = axisOf(use, 0);
  const place = use.x.argMax(axis);
  return use.int('keepdims', 1) === 1 ? place.unsqueeze([axis]) : place;
}
