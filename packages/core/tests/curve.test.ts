import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { curveOf, type Curve, type FaroutError, idThreshold95, type ImageWeights, reweighted } from '@farout/core';

const floats = (...values: number[]) => Float32Array.from(values);

/** Any float32 but NaN, drawn from few values half of the time, so that ties are common. */
const scores = fc
  .array(fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(-Infinity, -1.5, -1, -0, 0, 2 ** -149, 1, Infinity)), {
    minLength: 1,
    maxLength: 60,
  })
  .map((values) => Float32Array.from(values));

const descending = (...values: number[]) =>
  [...new Set(values.map((value) => value + 0))].sort((a, b) => (a < b ? 1 : -1));

/** The definition: every distinct score, and the weight of each set's images there. */
function expectedCurve(id: Float32Array, ood: Float32Array, weights: ImageWeights = {}) {
  const weightOf = (set: Float32Array, given: ArrayLike<number> | undefined) => {
    const each = Array.from(set, (score, image) => ({ score, weight: given?.[image] ?? 1 }));
    const at = (threshold: number) =>
      each.reduce((sum, { score, weight }) => (score === threshold ? sum + weight : sum), 0);
    return { each, at };
  };
  const [ofId, ofOod] = [weightOf(id, weights.id), weightOf(ood, weights.ood)];
  const thresholds = descending(...id, ...ood).filter((score) => ofId.at(score) + ofOod.at(score) > 0);
  const total = ({ each }: typeof ofId) => each.reduce((sum, { weight }) => sum + weight, 0);
  return {
    thresholds,
    id: thresholds.map(ofId.at),
    ood: thresholds.map(ofOod.at),
    idTotal: total(ofId),
    oodTotal: total(ofOod),
  };
}

const asLists = ({ thresholds, id, ood, idTotal, oodTotal }: Curve) => ({
  thresholds: [...thresholds],
  id: [...id],
  ood: [...ood],
  idTotal,
  oodTotal,
});

/** Quarters, which add up without rounding, some of them 0; the first image has weight 1. */
const weightsOf = (count: number) =>
  fc
    .array(fc.integer({ min: 0, max: 12 }), { minLength: count, maxLength: count })
    .map((quarters) => [1, ...quarters.slice(1).map((quarter) => quarter / 4)]);

const weighted = fc
  .tuple(scores, scores)
  .chain(([id, ood]) => fc.tuple(fc.constant(id), fc.constant(ood), weightsOf(id.length), weightsOf(ood.length)));

function refusal(make: () => Curve): FaroutError {
  try {
    make();
  } catch (error) {
    return error as FaroutError;
  }
  throw new Error('nothing was thrown');
}

describe('curveOf', () => {
  it('counts the images of both sets at each distinct score', () => {
    fc.assert(
      // The matcher of lists tells −0 from +0: both must come out as +0.
      fc.property(scores, scores, (id, ood) => expect(asLists(curveOf(id, ood))).toEqual(expectedCurve(id, ood))),
    );
  });

  it('adds up the weights of images at each score, and drops scores that no weight is left at', () => {
    fc.assert(
      fc.property(weighted, ([ids, oods, id, ood]) => {
        const weights = { id, ood };
        expect(asLists(curveOf(ids, oods, weights))).toEqual(expectedCurve(ids, oods, weights));
      }),
    );
  });

  it('takes the images of a set without weights for 1 each', () => {
    expect(asLists(curveOf(floats(2, 1), floats(1, 0), { ood: [0.5, 3] }))).toEqual({
      thresholds: [2, 1, 0],
      id: [1, 1, 0],
      ood: [0, 0.5, 3],
      idTotal: 2,
      oodTotal: 3.5,
    });
  });

  it('is the same where an image is two halves, where one of weight 0 is left out, and where whole weights are repeated images', () => {
    const [id, ood] = [floats(3, 1, 2), floats(1, 0)];
    const expected = asLists(curveOf(id, ood));
    expect(asLists(curveOf(floats(3, 1, 1, 2), ood, { id: [1, 0.5, 0.5, 1] }))).toEqual(expected);
    expect(asLists(curveOf(id, floats(1, 7, 0), { ood: [1, 0, 1] }))).toEqual(expected);
    expect(asLists(curveOf(floats(3, 3, 1, 2, 2, 2), ood))).toEqual(asLists(curveOf(id, ood, { id: [2, 1, 3] })));
  });

  it('orders scores that differ in any of the digits of the sort', () => {
    const powers = Array.from({ length: 277 }, (_, exponent) => 2 ** (exponent - 149));
    const neighbours = Array.from({ length: 5000 }, (_, step) => 1 + step * 2 ** -23);
    const values = [...powers, ...neighbours];
    const shuffled = floats(
      ...values.map((_, i) => values[(i * 1009) % values.length]!),
      ...values.map((value) => -value),
    );
    expect([...curveOf(shuffled, floats(0)).thresholds]).toEqual(descending(...shuffled, 0));
  });

  it('puts −0 and +0 into one group', () => {
    expect(asLists(curveOf(floats(-0, 0), floats(0, -0, -1)))).toMatchObject({
      thresholds: [0, -1],
      id: [2, 0],
      ood: [2, 1],
    });
    expect(asLists(curveOf(floats(-0, 0), floats(-1), { id: [0.5, 2] }))).toMatchObject({ id: [2.5, 0], ood: [0, 1] });
  });

  it('takes infinities as scores', () => {
    expect(asLists(curveOf(floats(Infinity, 0), floats(-Infinity, Infinity)))).toMatchObject({
      thresholds: [Infinity, 0, -Infinity],
      id: [1, 1, 0],
      ood: [1, 0, 1],
    });
  });

  it('leaves the arrays it is given as they are', () => {
    const id = floats(3, 1, -0);
    const ood = floats(2, 5, 4);
    curveOf(id, ood);
    expect([id, ood]).toEqual([floats(3, 1, -0), floats(2, 5, 4)]);
  });

  it('reads a part of a larger array', () => {
    expect([...curveOf(floats(9, 2, 1, 9).subarray(1, 3), floats(0)).thresholds]).toEqual([2, 1, 0]);
  });

  it.each([
    ['ID', floats(), floats(1)],
    ['OOD', floats(1), floats()],
  ])('refuses an empty %s set', (set, id, ood) => {
    expect(refusal(() => curveOf(id, ood))).toMatchObject({
      code: 'OOD_SCORE_INVALID',
      message: `the ${set} set has no scores`,
    });
  });

  it('refuses NaN with any sign and says where it is', () => {
    const oneAndNegativeNaN = new Float32Array(new Uint32Array([0x3f800000, 0xffc00000]).buffer);
    expect(refusal(() => curveOf(floats(1, 2), floats(0, NaN, 1)))).toMatchObject({
      code: 'OOD_SCORE_INVALID',
      message: 'score 1 of the 3 OOD scores is NaN',
    });
    expect(refusal(() => curveOf(oneAndNegativeNaN, floats(0)))).toMatchObject({
      code: 'OOD_SCORE_INVALID',
      message: 'score 1 of the 2 ID scores is NaN',
    });
  });

  it.each([
    ['are too few', { id: [1] }, '1 ID weights were given, expected 2'],
    ['are negative', { ood: [-1] }, 'weight 0 of the 1 OOD weights is -1'],
    ['are NaN', { id: [1, NaN] }, 'weight 1 of the 2 ID weights is NaN'],
    ['are infinite', { id: [1, Infinity] }, 'weight 1 of the 2 ID weights is Infinity'],
    ['are all 0', { id: [0, 0] }, 'the ID images have no weight'],
  ])('refuses weights that %s', (_title, weights, message) => {
    expect(refusal(() => curveOf(floats(1, 2), floats(0), weights))).toMatchObject({
      code: 'OOD_SCORE_INVALID',
      message,
    });
  });
});

describe('reweighted', () => {
  const curve = curveOf(floats(3, 3, 2, 1), floats(2, 0));

  it('has the scores of the curve with the weights given, and drops those that have none', () => {
    expect(asLists(reweighted(curve, [1, 0, 2, 0], [0, 0.5, 0, 0]))).toEqual({
      thresholds: [3, 2, 1],
      id: [1, 0, 2],
      ood: [0, 0.5, 0],
      idTotal: 3,
      oodTotal: 0.5,
    });
  });

  it('leaves the curve and the weights as they are', () => {
    const [before, id] = [asLists(curve), Float64Array.of(0, 1, 0, 0)];
    reweighted(curve, id, curve.ood);
    expect([asLists(curve), [...id]]).toEqual([before, [0, 1, 0, 0]]);
  });

  it('refuses weights for another number of scores', () => {
    expect(refusal(() => reweighted(curve, [1], curve.ood))).toMatchObject({ code: 'OOD_SCORE_INVALID' });
  });
});

describe('idThreshold95', () => {
  const rising = (count: number) => Float32Array.from({ length: count }, (_, image) => image);
  const other = floats(-1);

  it.each([
    [7, 0],
    [10, 0],
    [20, 1],
    [30, 2],
    [50, 2],
    [70, 4],
    [1300, 65],
  ])('is of %i different scores the one at index %i: round(0.05 · N), halves to even', (count, index) => {
    expect(idThreshold95(curveOf(rising(count), other))).toBe(index);
  });

  it('takes an image of a whole weight for so many images', () => {
    const id = Array.from({ length: 30 }, (_, image) => (image % 3) + 1);
    const repeated = floats(...id.flatMap((weight, image) => Array<number>(weight).fill(image)));
    expect(idThreshold95(curveOf(rising(30), other, { id }))).toBe(idThreshold95(curveOf(repeated, other)));
  });

  it('rounds nothing where weights are no whole numbers: 5 % of the weight lies at or below no lower score', () => {
    const each = (count: number, weight: number) => ({ id: Array<number>(count).fill(weight) });
    // 0.05 · 30 images are one and a half: the second, at index 1, is passed on the way.
    expect(idThreshold95(curveOf(rising(30), other, each(30, 0.1)))).toBe(1);
    // Forty tenths add up to a little more or less than 4; index 2 is meant all the same.
    expect(idThreshold95(curveOf(rising(40), other, each(40, 0.1)))).toBe(2);
    expect(idThreshold95(curveOf(rising(40), other, each(40, 1 / 40)))).toBe(2);
    expect(idThreshold95(curveOf(rising(4), other, { id: [0.04, 0.02, 0.5, 0.44] }))).toBe(1);
  });
});
