import type { Operator } from '../operator.ts';
import type { Tensor } from '../tensor.ts';
import { noDerivativeByWeight } from './no-derivative-by-weight.ts';
import { normalisationGradient, normalise } from './normalisation.ts';
import { fillsVectors } from './reduction.ts';

/** x (N, C, …) normalised over its spatial axes, image by image and channel by channel, times a scale (C), plus a bias (C). */
export const instanceNormalization: Operator<{ epsilon: number }> = {
  type: 'InstanceNormalization',
  infer: ([x]) => x!,
  onnx: ({ epsilon }) => ({ attributes: { epsilon: { float: epsilon } } }),
  steady: ([x, scale, bias], { epsilon }) => {
    // onnxruntime adds up a channel as it reduces last axes (reduction.ts). What does not fit is onnxruntime's to refuse.
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
