import type { Rows } from '@farout/core';
import type { NDArray, Tensor } from '@farout/tensor';
import { input } from '@farout/tensor';

/** The input of every graph over stored features. */
const name = 'features';

/** Stored features as a symbolic tensor, float32 (N, D). */
export const featuresInput = (width: number): Tensor => input(name, ['N', width]);

/** A block of stored features, to be fed to it. */
export const feedFeatures = (rows: Rows): Record<string, NDArray> => ({ [name]: rows });

/** An output of such a graph as rows. */
export const asRows = ({ data, shape }: NDArray): Rows => ({
  data: data as Float32Array,
  shape: shape as unknown as Rows['shape'],
});
