import { describe, expect, it } from '@jest/globals';
import { knownShapes, unseenShapes } from '../src/shapes.ts';

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
