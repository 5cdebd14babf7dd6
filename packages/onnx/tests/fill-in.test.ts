import { describe, expect, it } from '@jest/globals';
import type { Shape } from '@farout/tensor';
import { fillIn } from '../src/import/layout.ts';

/** A shape, what it is asked to become, and what that is. */
type Case = readonly [from: Shape, target: Shape, result: Shape];

const written: readonly Case[] = [
  [
    ['N', 64, 7, 7],
    ['N', -1],
    ['N', 3136],
  ],
  [
    ['N', 64, 7, 7],
    [-1, 3136],
    ['N', 3136],
  ],
  [
    [2, 6],
    [3, -1],
    [3, 4],
  ],
  [
    ['N·4', 16],
    ['N', -1, 16],
    ['N', 4, 16],
  ],
];

/** For one image in the file, for a batch here. */
const rebatched: readonly Case[] = [
  [
    ['N', 64, 7, 7],
    [1, -1],
    ['N', 3136],
  ],
  [
    ['N', 64, 7, 7],
    [1, 8, 8, 7, 7],
    ['N', 8, 8, 7, 7],
  ],
  [
    ['N', 64, 7, 7],
    [-1, 3136],
    ['N', 3136],
  ],
  [
    ['N', 4, 4, 24],
    [2, 2, 2, 2, 24],
    ['N·2', 2, 2, 2, 24],
  ],
  [
    ['N', 17, 48],
    [17, 48],
    ['N·17', 48],
  ],
  [
    ['N·17', 144],
    [1, 17, 144],
    ['N', 17, 144],
  ],
  // PyTorch's attention: tokens, then images, then heads.
  [
    [17, 'N', 48],
    [17, 4, 12],
    [17, 'N·4', 12],
  ],
  [
    [17, 'N·4', 12],
    [17, 48],
    ['17·N', 48],
  ],
  [
    ['17·N', 48],
    [17, 1, 48],
    [17, 'N', 48],
  ],
  [
    ['17·N', 144],
    [17, 4, 36],
    [17, 'N·4', 36],
  ],
];

describe('fillIn', () => {
  it.each(written)('puts what is left in the place of -1: %j as %j', (from, target, result) => {
    expect(fillIn(from, target, false)).toEqual(result);
  });

  it.each(rebatched)('puts the batch where the file has one image: %j as %j', (from, target, result) => {
    expect(fillIn(from, target, true)).toEqual(result);
  });

  it('refuses elements that are not there, and a batch that has no place', () => {
    expect(() => fillIn([2, 3], [4, -1], false)).toThrow('Reshape: the elements of (2, 3) do not fill (4, -1)');
    expect(() => fillIn([4, 'N', 6], [8, 3], true)).toThrow(
      'Reshape: (4, N, 6) to (8, 3), written for one image, is not clear for a batch of them',
    );
  });
});
