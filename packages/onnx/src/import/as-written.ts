import type { DType, Shape, Tensor } from '@farout/tensor';
import { passThrough } from '../by-name.ts';
import type { NodeUse } from '../nodes.ts';

/** What a result is: its dtype, and its shape where the operands decide it. */
export type Result = readonly [dtype: DType, shape: Shape | undefined];

/**
 * A node as the file has it, with results of which more is known than its operator's name. It has no derivative, unless it is
 * flat: then nothing changes with small changes of its operands.
 */
export const asWritten = (
  { node, version, inputs }: NodeUse,
  results: readonly Result[],
  slope: 'unknown' | 'flat' = 'unknown',
): readonly Tensor[] => {
  const declared = results.slice(0, node.outputs.length).map(([dtype, shape]) => ({ dtype, shape }));
  return passThrough(node, version, inputs, declared, slope);
};
