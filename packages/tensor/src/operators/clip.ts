import type { Operator } from '../operator.ts';
import { scalar } from '../nd-array.ts';

/** min(max(x, low), high), float32. */
export const clip: Operator<{ low: number; high: number }> = {
  type: 'Clip',
  infer: ([x]) => x!,
  onnx: ({ low, high }) => ({ attributes: {}, inputs: [scalar(low, 'float32'), scalar(high, 'float32')] }),
};
