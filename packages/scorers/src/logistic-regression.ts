import { cholesky } from '@farout/linalg';

/** Rows, (N, L), stored one after the other, and their label. */
export interface Labelled {
  readonly data: Float32Array;
  readonly isOwn: boolean;
}

/** a, float64 (L), and b. */
export interface Regression {
  readonly weights: Float64Array;
  readonly constant: number;
}

/**
 * Logistic regression, P(own | v) = 1 / (1 + exp(−⟨a, v⟩ − b)), by Newton's method. The loss includes the penalty ‖a‖²/2 on standardised
 * columns, so that it has a minimum even for separable classes. The rows are read once for mean and spread, and once per step.
 */
export async function logisticRegression(rows: () => AsyncIterable<Labelled>, width: number): Promise<Regression> {
  const { mean, spread, logPrior } = await standard(rows(), width);
  const solution = new Float64Array(width + 1);
  solution[width] = logPrior;
  for (let step = 0; step < mostSteps; step++) {
    const change = await newtonStep(rows(), { mean, spread, solution });
    change.forEach((value, i) => (solution[i]! -= value));
    if (Math.hypot(...change) <= settled * Math.hypot(...solution)) break;
  }
  const weights = spread.map((each, i) => solution[i]! / each);
  return { weights, constant: weights.reduce((sum, weight, i) => sum - weight * mean[i]!, solution[width]) };
}

const mostSteps = 50;
/** Each step doubles the correct digits: after a step of this size only rounding is left. */
const settled = 1e-9;

interface State {
  readonly mean: Float64Array;
  readonly spread: Float64Array;
  /** a and b. */
  readonly solution: Float64Array;
}

/** Mean and spread of each column by Welford's method, with a spread of 0 replaced by 1, and the log odds that a row is an own one. */
async function standard(rows: AsyncIterable<Labelled>, width: number) {
  const [mean, squares] = [new Float64Array(width), new Float64Array(width)];
  let [count, owns] = [0, 0];
  for await (const { data, isOwn } of rows) {
    if (isOwn) owns += data.length / width;
    for (let at = 0; at < data.length; at++) {
      const column = at % width;
      if (column === 0) count++;
      const off = data[at]! - mean[column]!;
      mean[column]! += off / count;
      squares[column]! += off * (data[at]! - mean[column]!);
    }
  }
  const logPrior = owns > 0 && owns < count ? Math.log(owns / (count - owns)) : 0;
  return { mean, spread: squares.map((square) => Math.sqrt(square / count) || 1), logPrior };
}

/** The Newton step for a and b: the inverse Hessian of the loss times its gradient. */
async function newtonStep(rows: AsyncIterable<Labelled>, { mean, spread, solution }: State): Promise<Float64Array> {
  const size = solution.length;
  const gradient = solution.map((value, i) => (i < size - 1 ? value : 0));
  const hessian = Float64Array.from({ length: size * size }, (_, i) =>
    Number(i % (size + 1) === 0 && i < size * size - 1),
  );
  const v = new Float64Array(size).fill(1);
  for await (const { data, isOwn } of rows) {
    for (let at = 0; at < data.length; at += size - 1) {
      for (let i = 0; i < size - 1; i++) v[i] = (data[at + i]! - mean[i]!) / spread[i]!;
      const p = 1 / (1 + Math.exp(-v.reduce((sum, value, i) => sum + value * solution[i]!, 0)));
      for (let i = 0; i < size; i++) {
        gradient[i]! += (p - Number(isOwn)) * v[i]!;
        for (let j = 0; j < size; j++) hessian[i * size + j]! += p * (1 - p) * (v[i]! * v[j]!);
      }
    }
  }
  // If the model is certain of every row, the second derivative with respect to b is 0.
  hessian[size * size - 1]! += 1e-9;
  const inverse = cholesky({ data: hessian, shape: [size, size] }).inverse();
  return gradient.map((_, i) => gradient.reduce((sum, value, j) => sum + inverse.data[i * size + j]! * value, 0));
}
