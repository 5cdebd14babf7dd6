import { firstLargest } from '../first-largest.ts';
import { reduction } from './reduction.ts';

/**
 * maximum of x over axes; a NaN that is not first is lost. The first of equal maxima has the whole derivative, as with
 * PyTorch's `max(dim)` and max-pooling; its `amax` shares it out.
 */
export const max = reduction('ReduceMax', ({ x, g, axes }) => g.mul(firstLargest(x, axes).cast(g.dtype)));
