import { cholesky, leadingEigenpairs, Moments, symmetricEigen } from '@farout/linalg';
import { solveTridiagonal } from '../../packages/linalg/src/divide-and-conquer.ts';
import { applyReflectors, tridiagonalise } from '../../packages/linalg/src/tridiagonal.ts';
import { noise } from '../../packages/linalg/tests/parts/matrices.ts';

/** CPU seconds of one call; single-threaded, so on a quiet machine this is the time. */
export interface LinalgSpeed {
  readonly size: number;
  /** The three stages of all eigenvectors. */
  readonly reduction: number;
  readonly divideAndConquer: number;
  readonly reflections: number;
  readonly symmetricEigen: number;
  /** A sixty-fourth of the pairs. */
  readonly leading: number;
  readonly choleskyInverse: number;
  /** With as many rows as columns. */
  readonly moments: number;
}

/** The covariance of as many rows as columns, float32, whose variances fall as 1 / k. */
export function linalgSpeeds(sizes: readonly number[]): LinalgSpeed[] {
  return sizes.map((n) => {
    const next = noise(n);
    const rows = Float32Array.from({ length: n * n }, (_, at) => next() / Math.sqrt(1 + (at % n)));
    const moments = new Moments(n);
    const momentSeconds = seconds(() => moments.add(rows));
    const { covariance } = moments.result();
    const shifted = {
      ...covariance,
      data: covariance.data.map((value, at) => value + (at % (n + 1) === 0 ? 1e-6 : 0)),
    };
    return {
      size: n,
      ...stages(covariance.data, n),
      symmetricEigen: seconds(() => symmetricEigen(covariance)),
      leading: seconds(() => leadingEigenpairs(covariance, { count: n / 64, seed: 1 })),
      choleskyInverse: seconds(() => cholesky(shifted).inverse()),
      moments: momentSeconds,
    };
  });
}

function stages(matrix: Float64Array, n: number) {
  const reduced = timed(() => tridiagonalise(matrix, n));
  const solved = timed(() => solveTridiagonal(reduced.result.diagonal, reduced.result.offDiagonal));
  const turned = timed(() => applyReflectors(reduced.result, solved.result.vectors, n));
  return { reduction: reduced.seconds, divideAndConquer: solved.seconds, reflections: turned.seconds };
}

function timed<Result>(run: () => Result): { readonly result: Result; readonly seconds: number } {
  const before = process.cpuUsage();
  const result = run();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
}

const seconds = (run: () => unknown): number => timed(run).seconds;
