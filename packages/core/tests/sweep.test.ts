import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type FaroutError, sweep, type Sweep } from '@farout/core';

const floats = (...values: number[]) => Float32Array.from(values);

/** Any float32 but NaN, drawn from few values half of the time, so that ties are common. */
const scores = fc
  .array(fc.oneof(fc.float({ noNaN: true }), fc.constantFrom(-Infinity, -1.5, -1, -0, 0, 2 ** -149, 1, Infinity)), {
    minLength: 1,
    maxLength: 60,
  })
  .map((values) => Float32Array.from(values));

const ascending = (values: Float32Array) => Array.from(values, (value) => value + 0).sort((a, b) => a - b || 0);

/** The definition: every distinct score, and how many of each set are at or above it. */
function expectedSweep(id: Float32Array, ood: Float32Array) {
  const thresholds = [...new Set(ascending(floats(...id, ...ood)))].reverse();
  const accepted = (set: Float32Array) =>
    thresholds.map((threshold) => set.filter((score) => score >= threshold).length);
  return { thresholds, idAccepted: accepted(id), oodAccepted: accepted(ood) };
}

const asLists = ({ thresholds, idAccepted, oodAccepted }: Sweep) => ({
  thresholds: [...thresholds],
  idAccepted: [...idAccepted],
  oodAccepted: [...oodAccepted],
});

function refusal(id: Float32Array, ood: Float32Array): FaroutError {
  try {
    sweep(id, ood);
  } catch (error) {
    return error as FaroutError;
  }
  throw new Error('nothing was thrown');
}

describe('sweep', () => {
  it('sorts each set as a comparator does', () => {
    fc.assert(
      fc.property(scores, scores, (id, ood) => {
        const { idScores, oodScores } = sweep(id, ood);
        // The matcher of lists tells −0 from +0: both must come out as +0.
        expect([...idScores]).toEqual(ascending(id));
        expect([...oodScores]).toEqual(ascending(ood));
      }),
    );
  });

  it('counts what is at or above each distinct score', () => {
    fc.assert(
      fc.property(scores, scores, (id, ood) => expect(asLists(sweep(id, ood))).toEqual(expectedSweep(id, ood))),
    );
  });

  it('orders scores that differ in any of the digits of the sort', () => {
    const powers = Array.from({ length: 277 }, (_, exponent) => 2 ** (exponent - 149));
    const neighbours = Array.from({ length: 5000 }, (_, step) => 1 + step * 2 ** -23);
    const values = [...powers, ...neighbours];
    const shuffled = floats(
      ...values.map((_, i) => values[(i * 1009) % values.length]!),
      ...values.map((value) => -value),
    );
    expect([...sweep(shuffled, floats(0)).idScores]).toEqual(ascending(shuffled));
  });

  it('puts −0 and +0 into one group', () => {
    expect(asLists(sweep(floats(-0, 0), floats(0, -0, -1)))).toEqual({
      thresholds: [0, -1],
      idAccepted: [2, 2],
      oodAccepted: [2, 3],
    });
  });

  it('takes infinities as scores', () => {
    expect(asLists(sweep(floats(Infinity, 0), floats(-Infinity, Infinity)))).toEqual({
      thresholds: [Infinity, 0, -Infinity],
      idAccepted: [1, 2, 2],
      oodAccepted: [1, 1, 2],
    });
  });

  it('leaves the arrays it is given as they are', () => {
    const id = floats(3, 1, -0);
    const ood = floats(2, 5, 4);
    sweep(id, ood);
    expect([id, ood]).toEqual([floats(3, 1, -0), floats(2, 5, 4)]);
  });

  it('reads a part of a larger array', () => {
    expect([...sweep(floats(9, 2, 1, 9).subarray(1, 3), floats(0)).idScores]).toEqual([1, 2]);
  });

  it.each([
    ['ID', floats(), floats(1)],
    ['OOD', floats(1), floats()],
  ])('refuses an empty %s set', (set, id, ood) => {
    expect(refusal(id, ood)).toMatchObject({ code: 'OOD_SCORE_INVALID', message: `the ${set} set has no scores` });
  });

  it('refuses NaN with any sign and says where it is', () => {
    const oneAndNegativeNaN = new Float32Array(new Uint32Array([0x3f800000, 0xffc00000]).buffer);
    expect(refusal(floats(1, 2), floats(0, NaN, 1))).toMatchObject({
      code: 'OOD_SCORE_INVALID',
      message: 'score 1 of the 3 OOD scores is NaN',
    });
    expect(refusal(oneAndNegativeNaN, floats(0))).toMatchObject({
      code: 'OOD_SCORE_INVALID',
      message: 'score 1 of the 2 ID scores is NaN',
    });
  });
});
