import type { Operator } from '../operator.ts';
import type { None } from './arithmetic.ts';

/** The sizes of x when the graph runs, int64 (rank). */
export const shapeOf: Operator<None> = {
  type: 'Shape',
  infer: ([x]) => ({ shape: [x!.shape.length], dtype: 'int64' }),
  gradient: () => [() => undefined],
};
