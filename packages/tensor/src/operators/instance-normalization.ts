import type { Operator } from '../operator.ts';
import { noDerivativeByWeight } from './no-derivative-by-weight.ts';
import { normalisationGradient } from './normalisation.ts';

/** x (N, C, …) normalised over its spatial axes, image by image and channel by channel, times a scale (C), plus a bias (C). */
export const instanceNormalization: Operator<{ epsilon: number }> = {
  type: 'InstanceNormalization',
  infer: ([x]) => x!,
  onnx: ({ epsilon }) => ({ attributes: { epsilon: { float: epsilon } } }),
  gradient: ({ inputs: [x, scale], upstream: g, attributes: { epsilon } }) => {
    const axes = g.shape.map((_, axis) => axis).slice(2);
    const perChannel = scale!.unsqueeze(axes.map((axis) => axis - 1));
    const byWeight = noDerivativeByWeight('InstanceNormalization');
    return [() => normalisationGradient(x!, g.mul(perChannel), axes, epsilon), byWeight, byWeight];
  },
};
