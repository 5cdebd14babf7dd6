import { noDerivativeByWeight, type Operator } from '../operator.ts';
import { elementCount, known } from '../shape.ts';
import type { Tensor } from '../tensor.ts';
import { fillsVectors } from './reduction.ts';

/** γ · (x − μ) / √(σ² + ε) + β, channel by channel, with constant parameters; x (N, C, …), the others (C). */
export const batchNormalization: Operator<{ epsilon: number }> = {
  type: 'BatchNormalization',
  infer: ([x]) => x!,
  onnx: ({ epsilon }) => ({ attributes: { epsilon: { float: epsilon } } }),
  gradient: ({ inputs: [x, scale, , , variance], upstream: g, attributes: { epsilon } }) => {
    const byWeight = noDerivativeByWeight('BatchNormalization');
    const spatial = x!.shape.slice(2).map((_, axis) => axis + 1);
    const factor = () => {
      const perChannel = scale!.div(variance!.add(epsilon).sqrt());
      return spatial.length > 0 ? perChannel.unsqueeze(spatial) : perChannel;
    };
    return [() => g.mul(factor()), byWeight, byWeight, byWeight, byWeight];
  },
};

/** x (N, C, …) normalised over its spatial axes, image by image and channel by channel, times a scale (C), plus a bias (C). */
export const instanceNormalization: Operator<{ epsilon: number }> = {
  type: 'InstanceNormalization',
  infer: ([x]) => x!,
  onnx: ({ epsilon }) => ({ attributes: { epsilon: { float: epsilon } } }),
  steady: ([x, scale, bias], { epsilon }) => {
    // onnxruntime sums a channel in the same way as it reduces last axes (reduction.ts). It rejects what does not fit itself.
    const fits = x!.shape.length > 2 && [scale!, bias!].every(({ shape }) => shape.join() === String(x!.shape[1]));
    if (fillsVectors(x!) || !fits) return undefined;
    const { normal } = normalise(x!, spatialAxes(x!), epsilon);
    return normal.mul(perChannel(scale!, x!)).add(perChannel(bias!, x!));
  },
  gradient: ({ inputs: [x, scale], upstream: g, attributes: { epsilon } }) => {
    const byWeight = noDerivativeByWeight('InstanceNormalization');
    const scaled = g.mul(perChannel(scale!, x!));
    return [() => normalisationGradient(x!, scaled, spatialAxes(x!), epsilon), byWeight, byWeight];
  },
};

const spatialAxes = ({ shape }: Tensor) => shape.map((_, axis) => axis).slice(2);

/** A number for each channel, aligned with the channels of x. */
const perChannel = (vector: Tensor, x: Tensor) => vector.unsqueeze(spatialAxes(x).map((axis) => axis - 1));

/** The first of the axes over which mean and variance are taken (counted from the front), and the number added to the variance. */
export interface LayerNorm {
  readonly axis: number;
  readonly epsilon: number;
}

/** x normalised over its last axes, from `axis` on, times a scale and, if given, plus a bias. */
export const layerNormalization: Operator<LayerNorm> = {
  type: 'LayerNormalization',
  infer: ([x]) => x!,
  onnx: ({ axis, epsilon }) => ({ attributes: { axis, epsilon: { float: epsilon } } }),
  gradient: ({ inputs: [x, scale], upstream: g, attributes: { axis, epsilon } }) => {
    const axes = Array.from({ length: g.shape.length - axis }, (_, i) => axis + i);
    const byWeight = noDerivativeByWeight('LayerNormalization');
    return [() => normalisationGradient(x!, g.mul(scale!), axes, epsilon), byWeight, byWeight];
  },
};

/** x̂ = (x − μ) / √(σ² + ε), mean and variance over `axes`, and the divisor. */
function normalise(x: Tensor, axes: readonly number[], epsilon: number): { normal: Tensor; deviation: Tensor } {
  const centred = x.sub(mean(x, axes));
  const deviation = mean(centred.mul(centred), axes).add(epsilon).sqrt();
  return { normal: centred.div(deviation), deviation };
}

/** The derivative of x̂ for the gradient g with respect to it: (g − mean(g) − x̂ · mean(g · x̂)) / √(σ² + ε). */
function normalisationGradient(x: Tensor, g: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const { normal, deviation } = normalise(x, axes, epsilon);
  return g
    .sub(mean(g, axes))
    .sub(normal.mul(mean(g.mul(normal), axes)))
    .div(deviation);
}

const mean = (values: Tensor, axes: readonly number[]) => values.mean(axes, { keepDims: true });

/** The settings of a local response normalisation. */
export interface ResponseNorm {
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
  /** The number of neighbouring channels. */
  readonly size: number;
}

/** x / d^beta, d = bias + alpha / size · Σ x² over the neighbouring channels; x (N, C, H, W). */
export const lrn: Operator<ResponseNorm> = {
  type: 'LRN',
  infer: ([x]) => x!,
  onnx: ({ alpha, beta, bias, size }) => ({
    attributes: { alpha: { float: alpha }, beta: { float: beta }, bias: { float: bias }, size },
  }),
  // onnxruntime's LRN rounds differently in vectors and one by one, as its Log does, and is three times slower than this.
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

/** A 1 × 1 convolution that sums the neighbours of each channel; with `turned`, the channels whose neighbourhood contains it. */
function neighbours(x: Tensor, size: number, turned: boolean): Tensor {
  const channels = known('LRN', x.shape[1], 'the number of channels');
  const [below, above] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  const data = new Float32Array(channels * channels);
  for (let channel = 0; channel < channels; channel++) {
    const last = Math.min(channels - 1, channel + above);
    for (let other = Math.max(0, channel - below); other <= last; other++) {
      data[turned ? other * channels + channel : channel * channels + other] = 1;
    }
  }
  return x.constant({ data, shape: [channels, channels, 1, 1] });
}
