import { describe, expect, it } from '@jest/globals';
import { cosine, polygon, regular, sine } from '../src/geometry.ts';

const letterL = polygon([
  [0, 0],
  [1, 0],
  [1, 2],
  [2, 2],
  [2, 3],
  [0, 3],
]);

describe('polygon', () => {
  it.each([
    { title: 'inside, the nearest edge counts', x: 0.25, y: 1, distance: -0.25 },
    { title: 'in the notch of a concave shape it is outside', x: 1.5, y: 1, distance: 0.5 },
    { title: 'beyond a corner, the corner counts', x: 5, y: 7, distance: 5 },
    { title: 'on the outline it is zero', x: 1, y: 1.5, distance: 0 },
  ])('$title', ({ x, y, distance }) => {
    expect(letterL(x, y)).toBeCloseTo(distance, 12);
  });
});

describe('regular', () => {
  it('a square stands on a corner and its edges are its radius divided by √2 away', () => {
    const square = regular(4, 1);
    expect(square(0, 0)).toBeCloseTo(-Math.SQRT1_2, 8);
    expect(square(0, -1)).toBeCloseTo(0, 8);
  });

  it('two radii take turns, so that a star has its first tip on top and a notch between tips', () => {
    const star = regular(5, 1, 0.4);
    const notch = Math.PI / 5;
    expect(star(0, -1)).toBeCloseTo(0, 8);
    expect(star(0.4 * Math.sin(notch), -0.4 * Math.cos(notch))).toBeCloseTo(0, 8);
  });
});

const angles = Array.from({ length: 4001 }, (_, i) => (i - 2000) / 700);

describe('sine and cosine of turns', () => {
  it.each(['sine', 'cosine'] as const)('%s agrees with Math within 10⁻⁹, also beyond one turn', (name) => {
    const [ours, theirs] = name === 'sine' ? [sine, Math.sin] : [cosine, Math.cos];
    for (const turns of angles) expect(Math.abs(ours(turns) - theirs(2 * Math.PI * turns))).toBeLessThan(1e-9);
  });
});
