import { describe, expect, it } from '@jest/globals';
import { input } from '@farout/tensor';
import { evaluate } from '@farout/runtime';
import fc from 'fast-check';
import { at, build, difference, numbers, shapes } from './parts/plain.ts';
import { forAll } from './parts/property.ts';

const shapeAndOrder = shapes(1, 4).chain((shape) => {
  const axes = shape.map((_, axis) => axis);
  return fc.shuffledSubarray(axes, { minLength: axes.length }).map((order) => ({ shape, order }));
});

describe('transpose', () => {
  it('moves axis order[i] to axis i', async () => {
    await forAll(shapeAndOrder, async ({ shape, order }, seed) => {
      const x = numbers(shape, seed);
      const turned = input('x', shape).transpose(...order);
      const expected = build(
        order.map((axis) => shape[axis]!),
        (index) =>
          at(
            x,
            shape.map((_, axis) => index[order.indexOf(axis)]!),
          ),
      );
      expect(difference((await evaluate({ turned }, { x })).turned!, expected)).toBe(0);
      expect(turned.shape).toEqual(expected.shape);
    });
  });
});
