import { reduction } from './reduction.ts';

/** maximum of x over axes; a NaN that is not first is lost. Equal maxima share the derivative, as in PyTorch's amax. */
export const max = reduction('ReduceMax', ({ x, y, g, axes }) => {
  const winners = x.equal(y).cast(g.dtype);
  return g.mul(winners).div(winners.sum(axes, { keepDims: true }));
});
