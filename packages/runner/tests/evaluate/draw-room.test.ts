import { describe, expect, it } from '@jest/globals';
import { type Curve, curveOf } from '@farout/core';
import fc from 'fast-check';
import { DrawRoom, drawsAtOnce } from '../../src/evaluate/draw-room.ts';
import { rankingOf } from '../../src/evaluate/rankings.ts';

/** Scores of which some are equal, and infinite ones. */
const scores = (length: { minLength: number; maxLength: number }) =>
  fc.array(fc.oneof(fc.integer({ min: -30, max: 30 }), fc.constantFrom(-Infinity, Infinity)), length);

/** Makes the curves of some draws of these scores, and what core makes of the same weights. */
function curvesOf(id: readonly number[], ood: readonly number[], others: number, draws: readonly Uint8Array[]) {
  const set = (name: string, images: number) => ({ name, images, units: images });
  const [idScores, oodScores] = [Float32Array.from(id), Float32Array.from(ood)];
  const ranking = rankingOf(idScores, oodScores, others);
  const sets = [set('ood before', others), set('ood', ood.length)];
  const room = new DrawRoom({ seed: 0, id: set('id', id.length), ood: sets, rankings: [[ranking]] });
  for (const [at, counts] of draws.entries()) room.draw(at, counts);
  room.rank(ranking);
  return draws.map((counts, at) => {
    const weights = { id: counts.subarray(0, id.length), ood: counts.subarray(id.length + others) };
    const [idTotal, oodTotal] = [sum(weights.id), sum(weights.ood)];
    return { made: plain(room.curveOf(at, idTotal, oodTotal)), expected: plain(curveOf(idScores, oodScores, weights)) };
  });
}

const sum = (counts: Uint8Array) => counts.reduce((total, count) => total + count, 0);

const plain = ({ thresholds, id, ood, idTotal, oodTotal }: Curve) => ({
  ...{ thresholds: [...thresholds], id: [...id], ood: [...ood] },
  ...{ idTotal, oodTotal },
});

/** Counts of draws that leave out many images; the first and the last image come at least once. */
function someCounts(images: number, firstOod: number, seed: number): Uint8Array {
  const counts = Uint8Array.from({ length: images }, (_, image) => Math.max(0, ((image * 7 + seed * 13) % 11) - 6));
  counts[0] = 1;
  counts[firstOod] = 255;
  return counts;
}

describe('the curve of a draw', () => {
  it('is what the counts are as weights, for any number of images, equal scores and infinite ones among them', () => {
    const any = scores({ minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(any, any, fc.nat(5), fc.nat(1000), (id, ood, others, seed) => {
        const images = id.length + others + ood.length;
        const draws = Array.from({ length: drawsAtOnce }, (_, at) => someCounts(images, id.length + others, seed + at));
        for (const { made, expected } of curvesOf(id, ood, others, draws)) expect(made).toEqual(expected);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('counts more images of one score than a byte holds', () => {
    const id = Array.from({ length: 2000 }, (_, at) => (at < 1500 ? 1 : at));
    const ood = Array.from({ length: 700 }, (_, at) => (at < 600 ? 1 : -at));
    const [curve] = curvesOf(id, ood, 0, [new Uint8Array(2700).fill(3)]);
    expect(curve!.made).toEqual(curve!.expected);
    expect(Math.max(...curve!.made.id)).toBe(4500);
  });

  it('has no scores of one set where all that were drawn are of the other', () => {
    const counts = Uint8Array.from([0, 0, 2, 1]);
    const [ranking, set] = [rankingOf(Float32Array.of(1, 2), Float32Array.of(0, 3), 0), { images: 2, units: 2 }];
    const sets = { id: { name: 'id', ...set }, ood: [{ name: 'ood', ...set }] };
    const room = new DrawRoom({ seed: 0, ...sets, rankings: [[ranking]] });
    room.draw(0, counts);
    room.rank(ranking);
    const { thresholds, id, ood } = room.curveOf(0, 0, 3);
    expect({ thresholds: [...thresholds], id: [...id], ood: [...ood] }).toEqual({
      thresholds: [3, 0],
      id: [0, 0],
      ood: [1, 2],
    });
  });
});
