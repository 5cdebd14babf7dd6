import type { Operator } from '../operator.ts';
import { noDerivativeByWeight } from './no-derivative-by-weight.ts';
import { normalisationGradient } from './normalisation.ts';

/** The first of the axes over which mean and variance are taken (counted from the front), and what the variance gains. */
export interface LayerNorm {
  readonly axis: number;
  readonly epsilon: number;
}

/** x normalised over its last axes, from `axis` on, times a scale and, where given, plus a bias. */
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
