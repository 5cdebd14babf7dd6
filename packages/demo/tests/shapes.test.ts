import { describe, expect, it } from '@jest/globals';
import { knownShapes, polygon, regular, unseenShapes } from '../src/shapes.ts';

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

const spacing = 1 / 32;
const grid = Array.from({ length: 81 }, (_, i) => (i - 40) * spacing);
const places = grid.flatMap((y) => grid.map((x) => [x, y] as const));
const step = 1e-4;

describe.each([...knownShapes, ...unseenShapes])('%s', (_, shape) => {
  const share = (chosen: typeof places) => (chosen.length * spacing ** 2) / Math.PI;
  const slope = (x: number, y: number) =>
    Math.hypot(shape(x + step, y) - shape(x - step, y), shape(x, y + step) - shape(x, y - step)) / (2 * step);

  it('lies within the circle of radius 1.1 and fills between a tenth and three quarters of the unit circle', () => {
    const inside = places.filter(([x, y]) => shape(x, y) < 0);
    expect(inside.filter(([x, y]) => Math.hypot(x, y) > 1.1)).toEqual([]);
    expect(share(inside)).toBeGreaterThan(0.1);
    expect(share(inside)).toBeLessThan(0.75);
  });

  it('is a distance near its outline: no step changes it by more than the step', () => {
    const near = places.filter(([x, y]) => Math.abs(shape(x, y)) < 0.1);
    expect(near.filter(([x, y]) => slope(x, y) > 1.001)).toEqual([]);
  });
});

describe('the unseen shapes', () => {
  it('are none of the known ones', () => {
    for (const name of unseenShapes.keys()) expect([...knownShapes.keys()]).not.toContain(name);
  });
});
