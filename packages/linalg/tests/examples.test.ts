import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { principalSpace } from './examples/corp.ts';
import { mahalanobisStatistics } from './examples/mahalanobis.ts';
import { vimSpace } from './examples/vim.ts';
import { rowsAre } from './parts/matrices.ts';

const textOf = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

describe('the README', () => {
  it.each(['vim', 'mahalanobis', 'corp'])('shows the example that is tested here: %s', (name) => {
    expect(textOf('../README.md')).toContain('```ts\n' + textOf(`examples/${name}.ts`) + '```\n');
  });
});

const near = (got: ArrayLike<number>, expected: readonly number[], digits: number) => {
  expect(got).toHaveLength(expected.length);
  expected.forEach((value, at) => expect(got[at]).toBeCloseTo(value, digits));
};

/** x − o. */
const about = (row: Float32Array, origin: Float64Array) => Float64Array.from(row, (value, j) => value - origin[j]!);
/** ‖V·x‖ for the rows of V. */
const lengthWithin = (space: Float64Array, x: Float64Array) => {
  const dots = Array.from({ length: space.length / x.length }, (_, k) =>
    x.reduce((sum, value, j) => sum + value * space[k * x.length + j]!, 0),
  );
  return Math.hypot(...dots);
};

/** Seven rows of four numbers. */
const features = [
  ...[
    [1, 2, 0, 1],
    [0.5, 1, 3, 2],
    [2, 0, 1, 0.25],
    [1, 1, 1, 4],
  ],
  ...[
    [3, 2, 0.5, 1],
    [0, 0.25, 2, 1.5],
    [1.5, 3, 1, 0],
  ],
].map((row) => Float32Array.from(row));

describe('the examples give', () => {
  it('the origin and the residuals that numpy.linalg.pinv and eigh give for ViM', () => {
    const weight = rowsAre([
      [1, 0.5, -1, 2],
      [0, 1, 1, -0.5],
      [-2, 1, 0.5, 0.25],
    ]);
    const { origin, residualSpace } = vimSpace(weight, [0.5, -1, 0.25], features, 2);
    near(origin, [0.3928571428571427, 0.3823529411764705, 0.46218487394957963, -0.31092436974789917], 14);
    const lengths = features.map((row) => lengthWithin(residualSpace, about(row, origin)));
    near(
      lengths,
      [
        ...[0.941230860822081, 1.308200337747852, 1.4943104351850127, 1.2997684823093982],
        ...[0.8056677110419819, 0.4790773733926649, 1.3014549316587376],
      ],
      13,
    );
  });

  it("the scores that scikit-learn's EmpiricalCovariance gives for Mahalanobis and its relative", () => {
    const rows = [
      [1.5, -2, 0.25],
      [3, 1, -1],
      [0, 4, 2.5],
      [-1.25, 0.5, 1],
      [2, 2, 2],
      [0.75, -3, -0.5],
      [5, 1.5, 0],
    ];
    const labels = [0, 1, 0, 2, 1, 0, 1];
    const batch = (from: number, to: number) => ({
      rows: Float32Array.from(rows.slice(from, to).flat()),
      labels: labels.slice(from, to),
    });
    const { classMeans, precision, background } = mahalanobisStatistics([batch(0, 3), batch(3, 7)], 3, 3);
    const distance = (x: Float64Array, inverse: Float64Array) =>
      x.reduce((sum, a, i) => sum + x.reduce((inner, b, j) => inner + a * inverse[i * 3 + j]! * b, 0), 0);
    const scores = rows.map((row) => {
      const x = Float32Array.from(row);
      const own = [0, 1, 2].map((c) => -distance(about(x, classMeans.data.slice(c * 3, c * 3 + 3)), precision.data));
      return [Math.max(...own), Math.max(...own) + distance(about(x, background.mean), background.precision.data)];
    });
    near(
      scores.map(([plain]) => plain!),
      [
        ...[-1.4014695447951047, -4.106540612164278, -4.624653348386589, 0],
        ...[-4.6666503006753, -2.1002173646112574, -4.100468829367482],
      ],
      13,
    );
    near(
      scores.map(([, relative]) => relative!),
      [
        ...[0.6718522243944247, 0.18159777307779823, -1.2727407747362984, 2.6719588974014683],
        ...[-2.1391728636475706, 0.6044475315737317, -0.7179427880635516],
      ],
      13,
    );
  });

  it("the directions and errors that scikit-learn's PCA gives for CoP and CoRP", () => {
    const { mean, directions } = principalSpace(features, 4, 0.7, 0);
    expect(directions.shape).toEqual([2, 4]);
    const errors = features.map((row) => {
      const x = about(row, mean);
      return Math.sqrt(Math.hypot(...x) ** 2 - lengthWithin(directions.data, x) ** 2);
    });
    near(
      errors,
      [
        ...[1.0310967150126058, 1.0073133030702281, 1.4630028445791525, 0.24311493780980395],
        ...[0.9163187168655388, 0.500267417897425, 1.2032857297817536],
      ],
      12,
    );
  });
});
