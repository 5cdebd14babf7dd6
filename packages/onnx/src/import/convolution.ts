import type { Tensor } from '@farout/tensor';
import { apply, known, operators, type Pair, reach, type Sides, type Window, windowCounts } from '@farout/tensor/graph';
import type { Importer, NodeUse } from '../nodes.ts';

/** Convolutions, poolings and products. */
export const networks: Readonly<Record<string, Importer>> = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: maxPool,
  AveragePool: averagePool,
  MatMul: matmul,
  Gemm: gemm,
};

function conv(use: NodeUse): Tensor | undefined {
  const weight = use.tensor(1);
  if (weight.shape.length !== 4) return undefined;
  const window = windowAt(use, weight.shape.slice(2) as unknown as Pair);
  return apply(operators.conv, operandsOf(use), { ...window, group: use.int('group', 1) });
}

/** x and weight, and the bias where there is one. */
const operandsOf = ({ inputs }: NodeUse): Tensor[] => inputs.filter((input) => input !== undefined);

function convTranspose(use: NodeUse): Tensor | undefined {
  const weight = use.tensor(1);
  if (weight.shape.length !== 4 || use.ints('output_shape') || use.text('auto_pad', 'NOTSET') !== 'NOTSET') {
    return undefined;
  }
  const window = windowAt(use, weight.shape.slice(2) as unknown as Pair);
  const added = (use.ints('output_padding') ?? [0, 0]) as unknown as Pair;
  return apply(operators.convTranspose, operandsOf(use), {
    ...window,
    group: use.int('group', 1),
    output_padding: added,
  });
}

/** Where the maxima are is asked for by no classifier, and would be counted otherwise in column order. */
function maxPool(use: NodeUse): Tensor | undefined {
  const kernel = use.ints('kernel_shape') as Pair | undefined;
  if (kernel?.length !== 2 || use.results > 1) return undefined;
  return apply(operators.maxPool, [use.x], poolingAt(use, kernel));
}

function averagePool(use: NodeUse): Tensor | undefined {
  const kernel = use.ints('kernel_shape') as Pair | undefined;
  if (kernel?.length !== 2) return undefined;
  return apply(operators.averagePool, [use.x], {
    ...poolingAt(use, kernel),
    count_include_pad: use.int('count_include_pad', 0),
  });
}

/**
 * Its windows, said to be rounded up only where that adds one: onnxruntime's inference of shapes also counts windows that begin
 * beyond the image, and then refuses the graph.
 */
function poolingAt(use: NodeUse, kernel: Pair) {
  // onnxruntime pads for a pooling as if its taps were never apart.
  const window = windowAt(use, kernel, (taps) => taps);
  const size = use.x.shape.slice(2).map((each) => known(use.node.type, each, 'a spatial size')) as unknown as Pair;
  const counts = [0, use.int('ceil_mode', 0)].map((ceil_mode) =>
    windowCounts(use.node.type, size, kernel, { ...window, ceil_mode }).join(),
  );
  return { ...window, kernel_shape: kernel, ceil_mode: counts[0] === counts[1] ? 0 : 1 };
}

/** The padding is said side by side, or follows from the size of the image: as many windows as strides fit, or none at all. */
export function windowAt(use: NodeUse, kernel: Pair, covered = reach): Window {
  const strides = (use.ints('strides') ?? [1, 1]) as unknown as Pair;
  const dilations = (use.ints('dilations') ?? [1, 1]) as unknown as Pair;
  const auto = use.text('auto_pad', 'NOTSET');
  if (auto === 'NOTSET') return { strides, dilations, pads: (use.ints('pads') ?? [0, 0, 0, 0]) as unknown as Sides };
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

/** A vector counts as a row on the left and as a column on the right. */
function matmul(use: NodeUse): Tensor {
  const [a, b] = [use.x, use.tensor(1)];
  const [row, column] = [a.shape.length === 1, b.shape.length === 1];
  const product = (row ? a.unsqueeze([0]) : a).matmul(column ? b.unsqueeze([1]) : b);
  const kept = product.shape.filter((_, axis) => {
    const fromEnd = product.shape.length - axis;
    return !(row && fromEnd === 2) && !(column && fromEnd === 1);
  });
  return row || column ? product.reshape(kept) : product;
}

/** alpha · A · B + beta · C, either of both turned; as PyTorch's linear layer where that is what it is. */
function gemm(use: NodeUse): Tensor {
  const [a, b, c] = [use.x, use.tensor(1), use.inputs[2]];
  const [alpha, beta] = [use.float('alpha', 1), use.float('beta', 1)];
  const [turnA, turnB] = [use.int('transA', 0) === 1, use.int('transB', 0) === 1];
  if (alpha === 1 && beta === 1 && !turnA && turnB && c?.shape.length === 1 && c.shape[0] === b.shape[0]) {
    return a.linear(b, c);
  }
  const product = (turnA ? a.transpose(1, 0) : a).matmul(turnB ? b.transpose(1, 0) : b);
  const scaled = alpha === 1 ? product : product.mul(alpha);
  return c ? scaled.add(beta === 1 ? c : c.mul(beta)) : scaled;
}
