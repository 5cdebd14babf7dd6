import type { Operator } from '../operator.ts';
import { known } from '../shape.ts';
import { constant, type Tensor } from '../tensor.ts';

/** The settings of a local response normalisation. */
export interface ResponseNorm {
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
  /** How many neighbouring channels count. */
  readonly size: number;
}

/** x / d^beta, d = bias + alpha / size · Σ x² over the neighbouring channels; x (N, C, H, W). */
export const lrn: Operator<ResponseNorm> = {
  type: 'LRN',
  infer: ([x]) => x!,
  onnx: ({ alpha, beta, bias, size }) => ({
    attributes: { alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias }, size },
  }),
  gradient: ({ inputs: [x], upstream: g, attributes: { alpha, beta, bias, size } }) => [
    () => {
      const channels = known('LRN', x!.shape[1], 'the number of channels');
      const d = x!
        .mul(x!)
        .conv(neighbours(channels, size, false))
        .mul(alpha / size)
        .add(bias);
      const reached = g
        .mul(x!)
        .mul(d.pow(-beta - 1))
        .conv(neighbours(channels, size, true));
      return g.mul(d.pow(-beta)).sub(x!.mul(reached).mul((2 * alpha * beta) / size));
    },
  ],
};

/** A 1 × 1 convolution that sums the channels around each; turned, over those in whose surroundings it lies. */
function neighbours(channels: number, size: number, turned: boolean): Tensor {
  const [below, above] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const data = new Float32Array(channels * channels);
  for (let channel = 0; channel < channels; channel++) {
    const last = Math.min(channels - 1, channel + above);
    for (let other = Math.max(0, channel - below); other <= last; other++) {
      data[turned ? other * channels + channel : channel * channels + other] = 1;
    }
  }
  return constant({ data, shape: [channels, channels, 1, 1] });
}
