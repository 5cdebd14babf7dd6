import { known } from '../shape.ts';
import { reduction } from './reduction.ts';

/** mean of x over axes */
export const mean = reduction('ReduceMean', ({ x, g, axes }) => {
  const count = axes.reduce((product, axis) => product * known('ReduceMean', x.shape[axis], 'an averaged size'), 1);
  return g.mul(1 / count).expandAs(x);
});
