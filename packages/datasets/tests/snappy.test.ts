import { describe, expect, it } from '@jest/globals';
import { snappyUncompress } from 'hyparquet';
import { unpackSnappy } from '../src/snappy.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const text = (unpacked: Uint8Array) => Buffer.from(unpacked).toString('latin1');

/** Random instructions, and how many bytes they unpack to: a second decoder, hyparquet's, says to which. */
function random(seed: number): [packed: Uint8Array, size: number] {
  let state = seed;
  const next = (below: number) => ((state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 8) % below;
  const body: number[] = [];
  let size = 0;
  for (let i = 0; i < 60; i++) {
    const kind = size === 0 ? 0 : next(4);
    if (kind === 0) {
      const count = 1 + next(400);
      if (count <= 60) body.push((count - 1) << 2);
      else if (count <= 256) body.push(60 << 2, count - 1);
      else body.push(61 << 2, (count - 1) & 255, (count - 1) >> 8);
      for (let j = 0; j < count; j++) body.push(next(256));
      size += count;
    } else if (kind === 1) {
      const [count, distance] = [4 + next(8), 1 + next(Math.min(size, 2047))];
      body.push(1 | ((count - 4) << 2) | ((distance >> 8) << 5), distance & 255);
      size += count;
    } else {
      const [count, distance] = [1 + next(64), 1 + next(size)];
      const places = Array.from({ length: kind === 2 ? 2 : 4 }, (_, at) => Math.floor(distance / 256 ** at) & 255);
      body.push(kind | ((count - 1) << 2), ...places);
      size += count;
    }
  }
  return [bytes((size & 127) | 128, ((size >> 7) & 127) | 128, size >> 14, ...body), size];
}

describe('unpackSnappy', () => {
  it('gives what hyparquet gives, for two hundred random streams', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const [packed, size] = random(seed);
      const expected = new Uint8Array(size);
      snappyUncompress(packed, expected);
      expect(Buffer.from(unpackSnappy(packed, size)).equals(expected)).toBe(true);
    }
  });

  it('repeats what it is just writing', () => {
    expect(text(unpackSnappy(bytes(8, 4, 0x61, 0x62, 1 | (2 << 2), 2), 8))).toBe('abababab');
  });

  it.each([
    ['nothing', [], 0],
    ['a length that so few bytes cannot have', [255, 255, 255, 127, 0, 1], 268_435_455],
    ['a length without end', [255, 255, 255, 255, 255, 1], 1],
    ['another length', [3, 8, 1, 2, 3], 4],
    ['fewer bytes than it says', [3, 4, 1, 2], 3],
    ['more bytes than it says', [1, 8, 1, 2, 3], 1],
    ['bytes that stand behind its end', [9, 32, 1, 2], 9],
    ['a length of a literal behind its end', [9, 63 << 2, 1], 9],
    ['a repetition of what is not there', [5, 0, 1, 1, 2], 5],
    ['a repetition from where it is', [5, 0, 1, 1, 0], 5],
    ['a repetition that breaks off', [5, 0, 1, 2], 5],
    ['a repetition beyond its length', [3, 0, 1, 1, 1], 3],
  ])('refuses %s', (_, packed, size) => {
    expect(() => unpackSnappy(bytes(...packed), size)).toThrow(RangeError);
  });

  it('refuses or unpacks whatever byte is damaged', () => {
    const [packed, size] = random(7);
    for (let at = 0; at < packed.length; at++) {
      const damaged = Uint8Array.from(packed);
      damaged[at]! ^= 1 + ((at * 89) % 255);
      try {
        expect(unpackSnappy(damaged, size)).toHaveLength(size);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });
});
