import type { Operator } from '../operator.ts';
import { elementCount, known } from '../shape.ts';
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
  // onnxruntime's LRN rounds differently in vectors and one by one, as its Log does, and takes three times as long as this.
  steady: ([x], norm) => (isOfKnownImages(x!) ? x!.mul(divisor(x!, norm).pow(-norm.beta)) : undefined),
  gradient: ({ inputs: [x], upstream: g, attributes: norm }) => [
    () => {
      const { alpha, beta, size } = norm;
      const d = divisor(x!, norm);
      const reached = g
        .mul(x!)
        .mul(d.pow(-beta - 1))
        .conv(neighbours(x!, size, true));
      return g.mul(d.pow(-beta)).sub(x!.mul(reached).mul((2 * alpha * beta) / size));
    },
  ],
};

const isOfKnownImages = ({ shape }: Tensor) => shape.length === 4 && typeof elementCount(shape.slice(1)) === 'number';

const divisor = (x: Tensor, { alpha, bias, size }: ResponseNorm) =>
  x
    .mul(x)
    .conv(neighbours(x, size, false))
    .mul(alpha / size)
    .add(bias);

/** A 1 × 1 convolution that sums the channels around each; turned, over those in whose surroundings it lies. */
function neighbours({ shape }: Tensor, size: number, turned: boolean): Tensor {
  const channels = known('LRN', shape[1], 'the number of channels');
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
