import type { Numbers } from './fitted.ts';

/** The means of classes, and the covariance about them, divided by N, in plain loops. */
export function classStatistics(features: Numbers, labels: readonly number[], classes: number) {
  const means = Array.from({ length: classes }, (_, k) => meanOf(features.filter((_, n) => labels[n] === k)));
  return {
    means,
    covariance: covarianceOf(features.map((h, n) => h.map((value, d) => value - means[labels[n]!]![d]!))),
  };
}

/** −d² to the nearest class, and the same plus d² to all rows, in plain loops: what MDS and RMDS make of rows. */
export function gaussianScores(features: Numbers, labels: readonly number[], classes: number) {
  const { means, covariance } = classStatistics(features, labels, classes);
  const all = classStatistics(features, new Array<number>(features.length).fill(0), 1);
  const near = (h: readonly number[]) => Math.max(...means.map((mean) => -distance(h, mean, covariance)));
  return { near, relative: (h: readonly number[]) => near(h) + distance(h, all.means[0]!, all.covariance) };
}

/** Each row divided by its length. */
export const unitRows = (rows: Numbers): Numbers => rows.map((h) => h.map((value) => value / Math.hypot(...h)));

export const meanOf = (rows: Numbers): number[] =>
  rows[0]!.map((_, d) => rows.reduce((sum, row) => sum + row[d]!, 0) / rows.length);

/** Σ x·xᵀ / N. */
export const covarianceOf = (rows: Numbers): number[][] =>
  rows[0]!.map((_, d) => rows[0]!.map((_, e) => rows.reduce((sum, row) => sum + row[d]! * row[e]!, 0) / rows.length));

/** (h − μ)ᵀ A⁻¹ (h − μ). */
export function distance(h: readonly number[], mean: readonly number[], matrix: Numbers): number {
  const off = h.map((value, d) => value - mean[d]!);
  const solved = solve(matrix, off);
  return off.reduce((sum, value, d) => sum + value * solved[d]!, 0);
}

/** A⁻¹·b, by Gauss and Jordan. */
export function solve(matrix: Numbers, right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let k = 0; k < rows.length; k++) {
    const best = rows
      .slice(k)
      .reduce((most, row, i) => (Math.abs(row[k]!) > Math.abs(rows[most]![k]!) ? i + k : most), k);
    [rows[k], rows[best]] = [rows[best]!, rows[k]!];
    for (const [i, row] of rows.entries()) {
      if (i === k) continue;
      const factor = row[k]! / rows[k]![k]!;
      for (let j = k; j < row.length; j++) row[j]! -= factor * rows[k]![j]!;
    }
  }
  return rows.map((row, k) => row.at(-1)! / row[k]!);
}

/** The same rows with their numbers in another order. */
export const permuted = (rows: Numbers, order: readonly number[]): Numbers =>
  rows.map((row) => order.map((d) => row[d]!));

export const scaled = (rows: Numbers, factor: number): Numbers => rows.map((row) => row.map((value) => factor * value));

/** Eigenvectors of a symmetric matrix as rows, those of the largest eigenvalues first, by Jacobi's rotations. */
export function eigenvectors(matrix: Numbers): Numbers {
  const a = matrix.map((row) => [...row]);
  const n = a.length;
  const v = a.map((_, i) => a.map((_, j) => Number(i === j)));
  for (let sweep = 0; sweep < 30; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const angle = Math.atan2(2 * a[p]![q]!, a[p]![p]! - a[q]![q]!) / 2;
        const turn = (x: number[], y: number[]) => {
          for (let j = 0; j < n; j++) {
            const [left, right] = [x[j]!, y[j]!];
            x[j] = Math.cos(angle) * left + Math.sin(angle) * right;
            y[j] = Math.cos(angle) * right - Math.sin(angle) * left;
          }
        };
        turn(a[p]!, a[q]!);
        for (const row of a) {
          const [x, y] = [row[p]!, row[q]!];
          row[p] = Math.cos(angle) * x + Math.sin(angle) * y;
          row[q] = Math.cos(angle) * y - Math.sin(angle) * x;
        }
        turn(v[p]!, v[q]!);
      }
  const order = [...a.keys()].sort((i, j) => a[j]![j]! - a[i]![i]!);
  return order.map((i) => v[i]!);
}
