import type { StateDict } from '@farout/core';
import { foldBatchNorm, type Tensor } from '@farout/tensor';

/** The convolution's weight, (O, I, k, k), and its stride; the image keeps its size at stride 1. */
export interface ConvNorm {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: 1 | 3;
  readonly stride: number;
}

/** A bias-free convolution and the batch normalisation after it, folded into one convolution when the network opens. */
export function convNorm(state: StateDict, conv: string, norm: string, { inputs, outputs, kernel, stride }: ConvNorm) {
  const { weight, bias } = foldBatchNorm(state.take(`${conv}.weight`, [outputs, inputs, kernel, kernel]), {
    scale: state.take(`${norm}.weight`, [outputs]),
    shift: state.take(`${norm}.bias`, [outputs]),
    mean: state.take(`${norm}.running_mean`, [outputs]),
    variance: state.take(`${norm}.running_var`, [outputs]),
  });
  return (x: Tensor): Tensor => x.conv(weight, { bias, stride, padding: (kernel - 1) / 2 });
}
