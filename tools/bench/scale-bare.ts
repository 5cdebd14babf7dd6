// The minimum work of detectors: their matrix products and top-k searches, as graphs of that one operation.
import { availableParallelism } from 'node:os';
import { writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import { constant, input, type Tensor } from '@farout/tensor';
import { noise } from '../../packages/linalg/tests/parts/matrices.ts';

/** One operation on rows: a product with a matrix, or the k largest numbers of each row. */
export interface BareOperation {
  readonly dtype: 'float32' | 'float64';
  /** Numbers of a row. */
  readonly width: number;
  readonly by: { readonly product: number } | { readonly largest: number };
}

/** Dimensions of fitted values. */
export interface Learnt {
  readonly D: number;
  readonly K: number;
  /** Directions after the principal space of ViM and Residual. */
  readonly residual: number;
  /** Directions of CoP's subspace, and of CoRP's. */
  readonly cop: number;
  readonly corp: number;
}

/**
 * The bare operations of all detectors without a bank. Operations shared by several detectors, such as the logits or the whitening of the same
 * features, are counted once.
 */
export function bareOperations({ D, K, residual, cop, corp }: Learnt): BareOperation[] {
  const single = (width: number, product: number): BareOperation => ({ dtype: 'float32', width, by: { product } });
  const double = (width: number, product: number): BareOperation => ({ dtype: 'float64', width, by: { product } });
  // The logits, and those after each of twelve hooks and scorers that rewrite the features.
  const rewriting = ['react', 'ash-p', 'ash-b', 'ash-s', 'scale', 'dice', 'bats', 'vra-p', 'vra++', 'ddcs', 'optfs'];
  const logits = ['none', ...rewriting].map(() => single(D, K));
  const ofLogits = [double(K, K), single(K, K), double(D, K)]; // KL matching, and what it takes for 0; MCM
  const spaces = [double(D, 100), double(D, residual), double(D, cop), double(cop, D)]; // NECO; ViM and Residual; CoP
  const fourier = [double(D, 4096), double(4096, corp), double(corp, 4096)]; // CoRP
  // Of features and of their directions: the classes' whitening, their means, and the whitening of all rows.
  const gaussians = [1, 2].flatMap(() => [double(D, D), double(D, K), double(D, D)]);
  const largest = (dtype: BareOperation['dtype'], width: number, k: number) => ({ dtype, width, by: { largest: k } });
  const shaping = [10, 15, 5].map((percent) => largest('float32', D, Math.ceil((D * percent) / 100))); // ASH, SCALE, LTS
  const searches = [...shaping, largest('float64', K, 100), largest('float64', K, 3)]; // GEN, OpenMax
  return [...logits, ...ofLogits, ...spaces, ...fourier, ...gaussians, ...searches];
}

/** Rows per call, as many as a run gives to all detectors. */
const rowsAtOnce = 256;

/** An opened bare operation. */
export interface OpenBare {
  /** Runs it on `rows` rows, a block at a time. */
  readonly run: (rows: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Opens an operation on rows of noise, with as many threads as scoring has. */
export async function openBare(operation: BareOperation): Promise<OpenBare> {
  const { width, dtype } = operation;
  const session = await openSession(writeOnnx({ y: graphOf(operation) }), { threads: availableParallelism() });
  const rows = { data: drawn(rowsAtOnce * width, dtype), shape: [rowsAtOnce, width] };
  return {
    run: async (count) => {
      for (let done = 0; done < count; done += rowsAtOnce) await session.run({ rows });
    },
    close: () => session.release(),
  };
}

/** Reduces the result to one column, so that no time is spent on returning it. */
function graphOf({ by, dtype, width }: BareOperation): Tensor {
  const rows = input('rows', ['N', width], dtype);
  if ('largest' in by) return rows.topK(by.largest).values.slice(1, 0, 1);
  const matrix = constant({ data: drawn(by.product * width, dtype), shape: [by.product, width] });
  return rows.matmul(matrix.transpose(1, 0)).slice(1, 0, 1);
}

function drawn(count: number, dtype: BareOperation['dtype']): Float32Array | Float64Array {
  const next = noise(count);
  return dtype === 'float32' ? Float32Array.from({ length: count }, next) : Float64Array.from({ length: count }, next);
}
