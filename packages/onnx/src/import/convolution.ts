import type { Tensor } from '@farout/tensor';
import {
  apply,
  convolution,
  known,
  pooling,
  reach,
  spatialOf,
  windowCounts,
  type Pair,
  type Sides,
  type Window,
} from '@farout/tensor/graph';
import type { Importer, NodeUse } from '../nodes.ts';

/** Convolutions and poolings. */
export const importers: Readonly<Record<string, Importer>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
};

function conv(use: NodeUse): Tensor | undefined {
  const weight = use.tensor(1);
  if (weight.shape.length !== 4) return undefined;
  const window = windowAt(use, kernelOf(use, weight));
  return apply(convolution.conv, operandsOf(use), { ...window, group: use.int('group', 1) });
}

/** Height and width of a weight (…, …, kH, kW). */
export const kernelOf = (use: NodeUse, weight: Tensor): Pair => spatialOf(use.node.type, weight, 'a kernel size');

/** x, the weight, and the bias if there is one. */
const operandsOf = ({ inputs }: NodeUse): Tensor[] => inputs.filter((input) => input !== undefined);

function convTranspose(use: NodeUse): Tensor | undefined {
  const weight = use.tensor(1);
  if (weight.shape.length !== 4 || use.ints('output_shape') || use.text('auto_pad', 'NOTSET') !== 'NOTSET') {
    return undefined;
  }
  const window = windowAt(use, kernelOf(use, weight));
  const added = (use.ints('output_padding') ?? [0, 0]) as Pair;
  return apply(convolution.convTranspose, operandsOf(use), {
    ...window,
    group: use.int('group', 1),
    output_padding: added,
  });
}

/** The indices of the maxima are not supported: no classifier uses them, and column order would change them. */
function maxPool(use: NodeUse): Tensor | undefined {
  const kernel = use.ints('kernel_shape') as Pair | undefined;
  if (kernel?.length !== 2 || use.results > 1) return undefined;
  return apply(pooling.maxPool, [use.x], poolingAt(use, kernel));
}

function averagePool(use: NodeUse): Tensor | undefined {
  const kernel = use.ints('kernel_shape') as Pair | undefined;
  if (kernel?.length !== 2) return undefined;
  return apply(pooling.averagePool, [use.x], {
    ...poolingAt(use, kernel),
    count_include_pad: use.int('count_include_pad', 0),
  });
}

/**
 * The windows of a pooling. Requests rounding up only if that adds a window: onnxruntime's shape inference also counts windows that begin
 * outside the image, and then refuses the graph.
 */
function poolingAt(use: NodeUse, kernel: Pair) {
  // For poolings, onnxruntime computes the padding as if there were no dilation.
  const window = windowAt(use, kernel, (taps) => taps);
  const rounded = use.int('ceil_mode', 0);
  // If x is not an image, the operator refuses it.
  if (rounded === 0 || use.x.shape.length !== 4) return { ...window, kernel_shape: kernel, ceil_mode: rounded };
  const size = spatialOf(use.node.type, use.x);
  const counts = [0, rounded].map((ceil_mode) =>
    windowCounts(use.node.type, size, kernel, { ...window, ceil_mode }).join(),
  );
  return { ...window, kernel_shape: kernel, ceil_mode: counts[0] === counts[1] ? 0 : 1 };
}

/** The padding is given per side, or follows from the image size (as many windows as strides fit), or is zero. */
export function windowAt(use: NodeUse, kernel: Pair, covered = reach): Window {
  const strides = (use.ints('strides') ?? [1, 1]) as Pair;
  const dilations = (use.ints('dilations') ?? [1, 1]) as Pair;
  const auto = use.text('auto_pad', 'NOTSET');
  if (auto === 'NOTSET') return { strides, dilations, pads: (use.ints('pads') ?? [0, 0, 0, 0]) as Sides };
  if (auto === 'VALID') return { strides, dilations, pads: [0, 0, 0, 0] };
  const [top, left] = ([0, 1] as const).map((axis) => {
    const size = known(use.node.type, use.x.shape[2 + axis], 'a spatial size');
    const last = (Math.ceil(size / strides[axis]) - 1) * strides[axis];
    return Math.max(last + covered(kernel[axis], dilations[axis]) - size, 0);
  }) as [number, number];
  const less = auto === 'SAME_UPPER' ? Math.floor : Math.ceil;
  const before: Pair = [less(top / 2), less(left / 2)];
  return { strides, dilations, pads: [...before, top - before[0], left - before[1]] };
}
