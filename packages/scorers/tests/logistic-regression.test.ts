import { describe, expect, it } from '@jest/globals';
import { logisticRegression } from '../src/logistic-regression.ts';
import { generator } from './parts/fitted.ts';

const columns = 3;

function generated(count: number, shift: number, draw: () => number): Float32Array {
  return Float32Array.from(
    { length: count * columns },
    (_, i) => (i % columns === 1 ? 50 : 1) * (draw() + (i % columns === 0 ? shift : 0)),
  );
}

const draw = generator(7);
const own = generated(90, 0.4, draw);
const other = generated(40, 0, draw);
const rows = async function* () {
  yield await Promise.resolve({ data: own, isOwn: true });
  yield await Promise.resolve({ data: other, isOwn: false });
};

it('finds where the loss with its penalty has no slope', async () => {
  const { weights, constant } = await logisticRegression(rows, columns);
  const all = [own, other].flatMap((data, which) =>
    Array.from({ length: data.length / columns }, (_, i) => ({
      v: [...data.subarray(i * columns, (i + 1) * columns)],
      y: 1 - which,
    })),
  );
  const mean = Array.from({ length: columns }, (_, j) => all.reduce((sum, { v }) => sum + v[j]!, 0) / all.length);
  const spread = mean.map((m, j) => Math.sqrt(all.reduce((sum, { v }) => sum + (v[j]! - m) ** 2, 0) / all.length));
  const a = Array.from(weights, (w, j) => w * spread[j]!);
  const at = (v: readonly number[], b: number) =>
    1 / (1 + Math.exp(-v.reduce((sum, x, j) => sum + (a[j]! * (x - mean[j]!)) / spread[j]!, b)));
  // The constant by bisection, then the slope along each weight.
  let [low, high] = [-50, 50];
  for (let i = 0; i < 100; i++) {
    const b = (low + high) / 2;
    if (all.reduce((sum, { v, y }) => sum + at(v, b) - y, 0) > 0) high = b;
    else low = b;
  }
  expect(weights.reduce((sum, w, j) => sum + w * mean[j]!, constant)).toBeCloseTo(low, 8);
  for (let j = 0; j < columns; j++) {
    const slope = all.reduce((sum, { v, y }) => sum + ((at(v, low) - y) * (v[j]! - mean[j]!)) / spread[j]!, a[j]!);
    expect(Math.abs(slope)).toBeLessThan(1e-8);
  }
});

it('ends where nothing overlaps, and where a column is the same everywhere', async () => {
  const apart = async function* () {
    yield await Promise.resolve({ data: Float32Array.of(1, 5, 2, 5), isOwn: true });
    yield await Promise.resolve({ data: Float32Array.of(-1, 5, -3, 5), isOwn: false });
  };
  const [first, second] = (await logisticRegression(apart, 2)).weights;
  expect(first).toBeGreaterThan(0);
  expect(second).toBe(0);
});

describe('of one column, a · v + b', () => {
  /** Of numbers in batches, own ones and others. */
  async function oddsOf(own: readonly (readonly number[])[], others: readonly (readonly number[])[]) {
    const { weights, constant } = await logisticRegression(async function* () {
      for (const batch of own) yield await Promise.resolve({ data: Float32Array.from(batch), isOwn: true });
      for (const batch of others) yield await Promise.resolve({ data: Float32Array.from(batch), isOwn: false });
    }, 1);
    return [weights[0]!, constant] as const;
  }

  it('ends with finite numbers where nothing overlaps', async () => {
    const [a, b] = await oddsOf([[5, 6, 7]], [[-1, 0], [1]]);
    expect(a).toBeGreaterThan(0);
    // The regression is symmetric about the middle, 3.
    expect(a * 3 + b).toBeCloseTo(0, 12);
  });

  it('has the odds of the numbers alone where all values are equal', async () => {
    expect(await oddsOf([[2, 2, 2]], [[2]])).toEqual([0, expect.closeTo(Math.log(3), 12)]);
  });

  it('finds the odds of sets of very different sizes', async () => {
    const many = Array.from({ length: 100_000 }, () => 2);
    expect(await oddsOf([many], [[2]])).toEqual([0, expect.closeTo(Math.log(100_000), 9)]);
  });

  it('takes the smaller for its own where they are', async () => {
    const [a] = await oddsOf([[0, 1, 2]], [[2, 3, 4]]);
    expect(a).toBeLessThan(0);
  });

  it('does not depend on where the values lie, nor on how they are cut into batches', async () => {
    const [a, b] = await oddsOf([[0, 1, 2, 3]], [[2, 3, 4]]);
    const [far, offset] = await oddsOf(
      [
        [4096, 4097],
        [4098, 4099],
      ],
      [[4098], [4099, 4100]],
    );
    expect(far).toBeCloseTo(a, 9);
    expect(offset).toBeCloseTo(b - 4096 * a, 5);
  });
});
