import type { StateDict } from '@farout/core';
import { foldBatchNorm, type Tensor } from '@farout/tensor';

/** The convolution's weight, (O, C / groups, kH, kW), and how it moves. */
export interface ConvNorm {
  readonly shape: readonly [out: number, inner: number, height: number, width: number];
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
}

/**
 * A bias-free convolution and the batch normalisation after it, read from a torchvision state_dict and folded into one
 * convolution once, however often the layer is applied.
 */
export function convNorm(state: StateDict, conv: string, norm: string, { shape, ...window }: ConvNorm) {
  const channels = [shape[0]];
  const { weight, bias } = foldBatchNorm(state.take(`${conv}.weight`, shape), {
    scale: state.take(`${norm}.weight`, channels),
    shift: state.take(`${norm}.bias`, channels),
    mean: state.take(`${norm}.running_mean`, channels),
    variance: state.take(`${norm}.running_var`, channels),
  });
  return (x: Tensor): Tensor => x.conv(weight, { bias, ...window });
}
