import type { DType, Shape } from '@farout/tensor';
import { convolution, linear, type Operand } from '@farout/tensor/graph';
import { asWritten } from '../by-name.ts';
import { dtypeFor } from '../encoding.ts';
import type { Importer, NodeUse } from '../nodes.ts';
import { kernelOf, windowAt } from './convolution.ts';

/**
 * 8-bit numbers: q = round(x / scale) + zero, saturated; x = (q − zero) · scale. These operators run as in onnxruntime and have no derivative,
 * because rounding is flat.
 */
export const importers: Readonly<Record<string, Importer>> = {
  QuantizeLinear: (use) => asWritten(use, [[quantised(use, 2), use.x.shape]]),
  DequantizeLinear: (use) => asWritten(use, [[use.tensor(1).dtype, use.x.shape]]),
  DynamicQuantizeLinear: (use) =>
    asWritten(use, [
      ['uint8', use.x.shape],
      ['float32', []],
      ['uint8', []],
    ]),
  MatMulInteger: (use) => asWritten(use, [['int32', productOf(use, 1)]]),
  ConvInteger: (use) => asWritten(use, [['int32', convolved(use, 1)]]),
  QLinearMatMul: (use) => asWritten(use, [[quantised(use, 7), productOf(use, 3)]]),
  QLinearConv: (use) => asWritten(use, [[quantised(use, 7), convolved(use, 3)]]),
};

/** The dtype is that of the zero point, or given explicitly, or uint8. */
const quantised = (use: NodeUse, zero: number): DType =>
  use.inputs[zero]?.dtype ?? dtypeFor(use.int('output_dtype', 0)) ?? 'uint8';

/** The shapes are those of the same product in single precision. */
const single = ({ shape }: Operand): Operand => ({ shape, hasShape: true, dtype: 'float32' });

const productOf = (use: NodeUse, second: number): Shape | undefined =>
  linear.matmul.infer([single(use.x), single(use.tensor(second))], {}).shape;

function convolved(use: NodeUse, second: number): Shape | undefined {
  const weight = use.tensor(second);
  if (weight.shape.length !== 4) return undefined;
  const window = { ...windowAt(use, kernelOf(use, weight)), group: use.int('group', 1) };
  return convolution.conv.infer([single(use.x), single(weight)], window).shape;
}
