import type { Operator } from '../operator.ts';
import { noDerivativeByWeight } from './no-derivative-by-weight.ts';

/** γ · (x − μ) / √(σ² + ε) + β, channel by channel, from constants; x (N, C, …), the others (C). */
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
