import type { Operator } from '../operator.ts';
import type { Tensor } from '../tensor.ts';

/** x · Φ(x), Φ the normal distribution's share below x; or the usual approximation by tanh. */
export const gelu: Operator<{ approximate: 'none' | 'tanh' }> = {
  type: 'Gelu',
  infer: ([x]) => x!,
  gradient: ({ inputs: [x], upstream: g, attributes: { approximate } }) => [
    () => g.mul(approximate === 'tanh' ? slopeOfApproximation(x!) : slope(x!)),
  ],
};

/** Φ(x) + x · φ(x) */
function slope(x: Tensor): Tensor {
  const share = x.mul(Math.SQRT1_2).erf().mul(0.5).add(0.5);
  const density = x
    .mul(x)
    .mul(-0.5)
    .exp()
    .mul(1 / Math.sqrt(2 * Math.PI));
  return share.add(x.mul(density));
}

/** Of x/2 · (1 + tanh u), u = √(2/π) · (x + a · x³): (1 + tanh u)/2 + x/2 · (1 − tanh² u) · u′ */
function slopeOfApproximation(x: Tensor): Tensor {
  const [scale, a] = [Math.sqrt(2 / Math.PI), 0.044715];
  const square = x.mul(x);
  const t = x.mul(square.mul(a).add(1)).mul(scale).tanh();
  const rise = square
    .mul(3 * a)
    .add(1)
    .mul(scale);
  return t
    .add(1)
    .add(x.mul(t.mul(t).neg().add(1)).mul(rise))
    .mul(0.5);
}
