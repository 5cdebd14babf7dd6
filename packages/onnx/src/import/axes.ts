import { normaliseAxis } from '@farout/tensor/graph';
import type { NodeUse } from '../nodes.ts';

/** The attribute `axis`, counted from the front. */
export const axisOf = (use: NodeUse, otherwise: number): number =>
  normaliseAxis(use.node.type, use.int('axis', otherwise), use.x.shape);

/** The axes of an attribute or an input, counted from the front of a shape of this rank. */
export const fromFront = (axes: readonly number[], rank: number): readonly number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis));
