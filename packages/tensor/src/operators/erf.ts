import { unary } from './arithmetic.ts';

/** 2/√π · ∫₀ˣ exp(−t²) dt */
export const erf = unary('Erf', ({ x, g }) => g.mul(x.mul(x).neg().exp()).mul(2 / Math.sqrt(Math.PI)));
