import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { constant, histogram, input, type NDArray, type Tensor } from '@farout/tensor';
import { between } from './parts/arrays.ts';

/** What detectors of the literature come down to, written as they would write it, against plain loops in float64. */

const kept = { keepDims: true };
const [n, d, classes] = [5, 12, 4];

/** s₁ / s₂: how much larger the sum of a row is than that of its k largest elements. */
const concentration = (h: Tensor, k: number) => h.sum(-1, kept).div(h.topK(k).values.sum(-1, kept));

/** ASH-S: the k largest activations, scaled by exp(s₁ / s₂). */
function ashS(h: Tensor, k: number): Tensor {
  const { values, indices } = h.topK(k);
  return h.filled(0).putAlong(indices, values).mul(concentration(h, k).exp());
}

/** SCALE: all activations, scaled by exp(s₁ / s₂). */
const scale = (h: Tensor, k: number) => h.mul(concentration(h, k).exp());

/** AdaSCALE: the same where every row has its own k. */
function adaScale(h: Tensor, k: Tensor): Tensor {
  const largest = h.sort(-1, { descending: true }).values.cumSum();
  const ratio = h.sum(-1, kept).div(largest.takeAlong(k.sub(1)));
  return h.mul(ratio.exp());
}

/** DAVIS: a channel's mean and half its deviation instead of its mean; or its maximum. */
const davis = (map: Tensor) => map.mean([2, 3]).add(map.std([2, 3]).mul(0.5));

/** RankFeat: X − σ₁ u₁ v₁ᵀ = X · (1 − v₁ v₁ᵀ), where the powers of XᵀX come to v₁ v₁ᵀ; X (N, C, H·W). */
function rankFeat(x: Tensor): Tensor {
  let power = x.transpose(0, 2, 1).matmul(x);
  for (let squaring = 0; squaring < 10; squaring++) {
    const normal = power.div(power.norm([1, 2], kept));
    power = normal.matmul(normal);
  }
  return x.sub(x.matmul(power.div(power.norm([1, 2], kept))));
}

/** WeiPer: which share of a row's elements lies in each bin. */
const shares = (z: Tensor, edges: Tensor) => histogram(z, edges).div(z.shape.at(-1) as number);

/** fDBD: Σ over classes of |z_ŷ − z_c| / ‖w_ŷ − w_c‖, over ‖h − μ‖. */
function fdbd(h: Tensor, { weight, bias, mean }: { weight: Tensor; bias: Tensor; mean: Tensor }): Tensor {
  const z = h.linear(weight, bias);
  const gaps = weight.unsqueeze([1]).sub(weight).norm();
  const own = gaps.gather(z.argMax(), 0);
  const distances = z.max(-1, kept).sub(z).div(own.equal(0).where(1, own));
  return distances.sum().div(h.sub(mean).norm());
}

/** KNN: the distance to the k-th nearest of a bank of unit vectors, negated: −√(2 − 2 cos). */
function knn(h: Tensor, bank: Tensor, k: number): Tensor {
  const cosines = h.div(h.norm(-1, kept)).matmul(bank.transpose(1, 0));
  return cosines.topK(k).values.min().mul(-2).add(2).sqrt().neg();
}

const double = (shape: readonly number[], seed: number, low = 0, high = 3) =>
  between(low, high, shape, seed) as { data: Float64Array; shape: readonly number[] };
const feed = double([n, d], 1);
const h = input('x', ['N', d], 'float64');
const rows = ({ data, shape }: NDArray): number[][] => {
  const width = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, row) => [...data.slice(row * width, (row + 1) * width)].map(Number));
};
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((value, i) => value * b[i]!));
const length = (values: readonly number[]) => Math.sqrt(dot(values, values));
const minus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value - b[i]!);
const largest = (row: readonly number[], k: number) => [...row].sort((a, b) => b - a).slice(0, k);

/** Equal to a part in 10¹². */
async function expectSame(y: Tensor, feeds: Record<string, NDArray>, expected: readonly (readonly number[])[]) {
  const { found } = await evaluate({ found: y }, feeds);
  const wanted = expected.flat();
  expect(found!.data).toHaveLength(wanted.length);
  wanted.forEach((value, i) =>
    expect(Math.abs(Number(found!.data[i]) - value)).toBeLessThan(1e-12 * Math.max(1, value)),
  );
}

describe('the algebra of the literature', () => {
  const scaled = (row: readonly number[], k: number) => Math.exp(sum(row) / sum(largest(row, k)));

  it('is ASH-S', () => {
    const expected = rows(feed).map((row) =>
      row.map((value) => (value >= largest(row, 3).at(-1)! ? value * scaled(row, 3) : 0)),
    );
    return expectSame(ashS(h, 3), { x: feed }, expected);
  });

  it('is SCALE', () => {
    const expected = rows(feed).map((row) => row.map((value) => value * scaled(row, 3)));
    return expectSame(scale(h, 3), { x: feed }, expected);
  });

  it('is AdaSCALE, with as many elements as each row asks for', () => {
    const counts = [1, 4, 2, 12, 3];
    const k = { data: BigInt64Array.from(counts, BigInt), shape: [n, 1] };
    const expected = rows(feed).map((row, i) => row.map((value) => value * scaled(row, counts[i]!)));
    return expectSame(adaScale(h, input('k', ['N', 1], 'int64')), { x: feed, k }, expected);
  });

  it('is DAVIS, by deviation and by maximum', async () => {
    const map = double([2, 3, 7, 7], 2);
    const channels = rows({ data: map.data, shape: [6, 49] });
    const deviation = (values: readonly number[]) => {
      const mean = sum(values) / values.length;
      return mean + 0.5 * Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length);
    };
    const x = input('x', ['N', 3, 7, 7], 'float64');
    await expectSame(davis(x), { x: map }, [channels.map(deviation)]);
    await expectSame(x.max([2, 3]), { x: map }, [channels.map((values) => Math.max(...values))]);
  });

  it('is the subtraction of RankFeat', () => {
    const [c, m] = [6, 9];
    const map = double([2, c, m], 3);
    const expected = rows(map).map((image) => {
      const matrix = rows({ data: Float64Array.from(image), shape: [c, m] });
      // The power method, a thousand steps.
      let v = Array<number>(m).fill(1);
      for (let step = 0; step < 1000; step++) {
        const projected = matrix.map((row) => dot(row, v));
        v = v.map((_, j) =>
          dot(
            projected,
            matrix.map((row) => row[j]!),
          ),
        );
        v = v.map((value, _, all) => value / length(all));
      }
      return matrix.flatMap((row) =>
        minus(
          row,
          v.map((value) => value * dot(row, v)),
        ),
      );
    });
    return expectSame(rankFeat(input('x', ['N', c, m], 'float64')), { x: map }, expected);
  });

  it('is the densities of WeiPer', () => {
    const edges = [0, 0.5, 1.5, 2, 3];
    const inBin = (value: number, bin: number) => value >= edges[bin]! && value < edges[bin + 1]!;
    const expected = rows(feed).map((row) =>
      [0, 1, 2, 3].map((bin) => row.filter((value) => inBin(value, bin)).length / d),
    );
    const table = constant({ data: Float64Array.from(edges), shape: [5] });
    return expectSame(shares(h, table), { x: feed }, expected);
  });

  it('is fDBD', () => {
    const [weight, bias, mean] = [double([classes, d], 4, -1, 1), double([classes], 5), double([d], 6)];
    const [w, [mu], [b]] = [rows(weight), rows({ ...mean, shape: [1, d] }), rows({ ...bias, shape: [1, classes] })];
    const expected = rows(feed).map((row) => {
      const z = w.map((each, c) => dot(each, row) + b![c]!);
      const best = z.indexOf(Math.max(...z));
      const distances = z.map((each, c) => (c === best ? 0 : (z[best]! - each) / length(minus(w[best]!, w[c]!))));
      return [sum(distances) / length(minus(row, mu!))];
    });
    const head = { weight: constant(weight), bias: constant(bias), mean: constant(mean) };
    return expectSame(fdbd(h, head), { x: feed }, expected);
  });

  it('is KNN', () => {
    const bank = rows(double([20, d], 7)).map((row) => row.map((value) => value / length(row)));
    const expected = rows(feed).map((row) => {
      const distances = bank.map((each) =>
        length(
          minus(
            row.map((value) => value / length(row)),
            each,
          ),
        ),
      );
      return [-[...distances].sort((a, b) => a - b)[4]!];
    });
    const table = constant({ data: Float64Array.from(bank.flat()), shape: [20, d] });
    return expectSame(knn(h, table, 5), { x: feed }, expected);
  });
});
