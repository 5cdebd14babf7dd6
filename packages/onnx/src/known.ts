import type { Dimension, DType, Tensor } from '@farout/tensor';
import { whole } from '@farout/tensor/graph';

/** Numbers that are known before anything runs, sizes that have a name among them; a scalar, one axis, or rows of pairs. */
export interface Known {
  readonly values: readonly Dimension[];
  readonly scalar: boolean;
  /** How long a row is, where there are two axes: PyTorch turns its padding round that way. */
  readonly columns?: number;
  readonly dtype: DType;
}

/** More elements than any list of sizes has. */
const limit = 1024;

/** What is known of a constant, unless it is large or of several axes. */
export function knownConstant({ origin, dtype, shape }: Tensor): Known | undefined {
  if (origin.kind !== 'constant' || shape.length > 1 || origin.array.data.length > limit) return undefined;
  return { values: Array.from(origin.array.data, toNumber), scalar: shape.length === 0, dtype };
}

const toNumber = (value: number | bigint) => (typeof value === 'bigint' ? whole(value) : value);

/** The numbers, when none of them is a name. */
export const numbersOf = (known: Known | undefined): readonly number[] | undefined =>
  known?.values.every((value) => typeof value === 'number') ? known.values : undefined;
