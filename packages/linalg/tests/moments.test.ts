import { describe, expect, it } from '@jest/globals';
import { ClassMoments, Moments, secondMoment, type MomentsOfRows } from '../src/index.ts';
import { farthest, matrixOf, noise, rowsAre, turned } from './parts/matrices.ts';

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
const flat = Float32Array.from(rows.flat());

function momentsOf(data: Float32Array | Float64Array, width: number): MomentsOfRows {
  const moments = new Moments(width);
  moments.add(data);
  return moments.result();
}

const near = (got: ArrayLike<number>, expected: readonly number[], allowed: number) => {
  expect(got).toHaveLength(expected.length);
  expected.forEach((value, at) => expect(Math.abs(got[at]! - value)).toBeLessThanOrEqual(allowed));
};

describe('moments are what numpy gives', () => {
  it('for the mean and numpy.cov(bias=True)', () => {
    const { count, mean, covariance } = momentsOf(flat, 3);
    expect(count).toBe(7);
    near(mean, [1.5714285714285714, 0.5714285714285714, 0.6071428571428571], 1e-15);
    const expected = rowsAre([
      [3.5841836734693877, 0.33418367346938765, -0.9897959183673469],
      [0.33418367346938765, 4.887755102040816, 1.7244897959183672],
      [-0.9897959183673469, 1.7244897959183672, 1.4260204081632653],
    ]);
    expect(farthest(covariance, expected)).toBeLessThanOrEqual(2e-15);
    expect(covariance).toEqual(turned(covariance));
  });

  it('for the means of classes and the covariance about them', () => {
    const moments = new ClassMoments(3, 4);
    moments.add(flat, labels);
    const { classCounts, classMeans, withinClass, ...all } = moments.result();
    expect([...classCounts]).toEqual([3, 3, 1, 0]);
    expect(classMeans.shape).toEqual([4, 3]);
    const means = [0.75, -0.3333333333333333, 0.75, 3.3333333333333335, 1.5, 0.3333333333333333, -1.25, 0.5, 1];
    near(classMeans.data.slice(0, 9), means, 1e-15);
    expect([...classMeans.data.slice(9)]).toEqual([NaN, NaN, NaN]);
    const within = rowsAre([
      [0.8273809523809524, -0.7142857142857143, -0.574404761904762],
      [-0.7142857142857143, 4.166666666666666, 1.8928571428571428],
      [-0.574404761904762, 1.8928571428571428, 1.363095238095238],
    ]);
    expect(farthest(withinClass, within)).toBeLessThanOrEqual(2e-15);
    const { mean, covariance } = momentsOf(flat, 3);
    near(all.mean, [...mean], 1e-15);
    expect(farthest(all.covariance, covariance)).toBeLessThanOrEqual(4e-15);
  });
});

/** Rows that lie far from 0 and close together, as exact as float64 is: their moments are those of the noise alone. */
const far = (count: number, width: number, offset: number) => {
  const next = noise(7);
  return Float64Array.from({ length: count * width }, () => offset + Math.round(next() * 1024));
};

describe('moments of rows far from 0', () => {
  it('lose no digits to the mean: 600 rows of whole numbers about 1e8', () => {
    const [near0, far0] = [momentsOf(far(600, 5, 0), 5), momentsOf(far(600, 5, 1e8), 5)];
    // Their squares are 1e16, whose last digit is 2: a sum of squares less a square of the sum knows none of a covariance of 1e5.
    expect(farthest(far0.covariance, near0.covariance)).toBeLessThanOrEqual(1e-4);
    near(
      far0.mean,
      Array.from(near0.mean, (value) => value + 1e8),
      1e-6,
    );
  });
});

/** All results of rows that come in batches of these sizes, over and over. */
function inBatches(data: Float32Array, width: number, sizes: readonly number[]) {
  const [moments, classes] = [new Moments(width), new ClassMoments(width, 9)];
  const total = data.length / width;
  for (let row = 0, turn = 0; row < total; turn++) {
    const to = Math.min(total, row + sizes[turn % sizes.length]!);
    const batch = data.subarray(row * width, to * width);
    moments.add(batch);
    classes.add(
      batch,
      Array.from({ length: to - row }, (_, i) => ((row + i) * 31) % 8),
    );
    row = to;
  }
  return [moments.result(), classes.result()];
}

describe('where batches begin and end', () => {
  const next = noise(3);
  const data = Float32Array.from({ length: 1100 * 13 }, () => 3 + next());

  it.each([[1], [255], [256], [257], [1024], [7, 0, 512, 1]].map((sizes) => [sizes]))(
    'leaves no bit of trace: batches of %j',
    (sizes) => {
      expect(inBatches(data, 13, sizes)).toEqual(inBatches(data, 13, [1100]));
    },
  );

  it('leaves none either where a result is asked for in between', () => {
    const [once, often] = [new Moments(13), new Moments(13)];
    once.add(data);
    for (let at = 0; at < data.length; at += 13 * 100) {
      often.add(data.subarray(at, at + 13 * 100));
      expect(often.result().count).toBe(at / 13 + 100);
    }
    expect(often.result()).toEqual(once.result());
  });

  it('is no matter to plain loops either: 1,100 rows', () => {
    const { mean, covariance } = momentsOf(data, 13);
    const expectedMean = Array.from(
      { length: 13 },
      (_, j) => data.reduce((s, v, at) => (at % 13 === j ? s + v : s), 0) / 1100,
    );
    near(mean, expectedMean, 1e-14);
    const at = (row: number, j: number) => data[row * 13 + j]! - expectedMean[j]!;
    const product = (i: number, j: number) => {
      let sum = 0;
      for (let row = 0; row < 1100; row++) sum += at(row, i) * at(row, j);
      return sum / 1100;
    };
    expect(farthest(covariance, matrixOf(13, 13, product))).toBeLessThanOrEqual(1e-15);
  });
});

describe('secondMoment', () => {
  it('is the mean of (x − c)(x − c)ᵀ', () => {
    const c = [1, -2, 0.5];
    const about = (i: number, j: number) => rows.reduce((sum, x) => sum + (x[i]! - c[i]!) * (x[j]! - c[j]!), 0) / 7;
    expect(farthest(secondMoment(momentsOf(flat, 3), c), matrixOf(3, 3, about))).toBeLessThanOrEqual(4e-15);
  });

  it('refuses a point of another width', () => {
    expect(() => secondMoment(momentsOf(flat, 3), [1])).toThrow('a point of 1 numbers among rows of 3');
  });
});

describe('moments', () => {
  it('of one row are the row, and a covariance of 0', () => {
    const { count, mean, covariance } = momentsOf(Float32Array.of(4, -1), 2);
    expect([count, [...mean], [...covariance.data]]).toEqual([1, [4, -1], [0, 0, 0, 0]]);
  });

  it.each([
    ['no rows at all', () => new Moments(3).result(), 'OOD_DETECTOR_FAILED', 'Moments: no rows, so no mean'],
    ['part of a row', () => momentsOf(Float32Array.of(1, 2, 3, 4), 3), 'OOD_SHAPE', '4 numbers are not rows of 3'],
    ['NaN', () => momentsOf(Float32Array.of(1, 2, 3, NaN), 2), 'OOD_DETECTOR_FAILED', 'Moments: NaN at [1, 1]'],
    ['a width of 0', () => new Moments(0), 'OOD_SHAPE', 'Moments: neither 0 columns'],
    ['half a class', () => new ClassMoments(3, 2.5), 'OOD_SHAPE', 'nor 2.5 classes'],
    ['too few labels', () => new ClassMoments(3, 2).add(flat, [0]), 'OOD_SHAPE', 'ClassMoments: 1 labels for 7 rows'],
    [
      'a label too high',
      () => new ClassMoments(3, 2).add(flat, labels),
      'OOD_SHAPE',
      'label 2 of row 3 is not one of the 2 classes',
    ],
    ['a label of −1', () => new ClassMoments(1, 2).add(Float32Array.of(1), [-1]), 'OOD_SHAPE', 'label -1 of row 0'],
  ])('refuses %s', (_, act, code, message) => {
    expect(act).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  });

  it('keeps nothing of a batch that it refuses', () => {
    const moments = new ClassMoments(3, 3);
    moments.add(flat, labels);
    const before = moments.result();
    expect(() => moments.add(Float32Array.of(1, 2, 3, 4, NaN, 6), [0, 1])).toThrow();
    expect(moments.result()).toEqual(before);
  });
});
