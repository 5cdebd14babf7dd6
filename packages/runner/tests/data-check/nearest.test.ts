import { describe, expect, it } from '@jest/globals';
import { perceptualWords } from '@farout/images';
import { nearest } from '../../src/data-check/nearest.ts';

const signal = new AbortController().signal;

/** Hashes of five numbers each, from a generator that is the same every time. */
function hashes(count: number, seed: number): Uint32Array {
  let state = seed;
  return Uint32Array.from({ length: count * perceptualWords }, () => (state = Math.imul(state, 1664525) + 1013904223));
}

/** Bits that differ, from their digits. */
const difference = (one: Uint32Array, other: Uint32Array) =>
  one.reduce((sum, word, at) => sum + ((word ^ other[at]!) >>> 0).toString(2).replaceAll('0', '').length, 0);
const hashAt = (all: Uint32Array, at: number) => all.slice(at * perceptualWords, (at + 1) * perceptualWords);

describe('nearest', () => {
  it('finds what comparing digit by digit finds', async () => {
    const [some, others] = [hashes(150, 1), hashes(90, 2)];
    const { at, bits } = await nearest(some, others, 160, signal);
    for (let index = 0; index < 150; index++) {
      const all = Array.from({ length: 90 }, (_, other) => difference(hashAt(some, index), hashAt(others, other)));
      expect([at[index], bits[index]]).toEqual([all.indexOf(Math.min(...all)), Math.min(...all)]);
    }
  });

  it('finds one within the bound, and none beyond it', async () => {
    const others = hashes(20, 3);
    const some = hashAt(others, 7).map((word) => word ^ 0b1111);
    expect(await nearest(some, others, 20, signal)).toEqual({ at: Int32Array.of(7), bits: Uint8Array.of(20) });
    expect(await nearest(some, others, 19, signal)).toEqual({ at: Int32Array.of(-1), bits: Uint8Array.of(0) });
  });

  it('finds nothing among none', async () => {
    expect((await nearest(hashes(2, 4), new Uint32Array(), 20, signal)).at).toEqual(Int32Array.of(-1, -1));
    expect((await nearest(new Uint32Array(), hashes(2, 4), 20, signal)).at).toHaveLength(0);
  });

  it('stops when it is told to', async () => {
    const stopped = AbortSignal.abort(new Error('enough'));
    await expect(nearest(hashes(2, 5), hashes(2, 6), 20, stopped)).rejects.toThrow('enough');
  });
});
