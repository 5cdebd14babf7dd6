import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { between } from '../parts/arrays.ts';
import { expectDerivative } from '../parts/like-onnxruntime.ts';
import { shapes } from '../parts/plain.ts';
import { form, small } from '../parts/property.ts';

/** A shape and one of its axes, counted from the front or from the end. */
const shapeAndAxis = shapes(1, 4).chain((shape) =>
  fc.record({ shape: fc.constant(shape), axis: small(-shape.length, shape.length - 1) }),
);

/** Before operator set 13 all axes from the given one on are taken together. */
const versions: Record<string, { version: number; given: boolean }> = {
  'over an axis, since operator set 13': { version: 13, given: true },
  'over the last axis, since operator set 13, where none is given': { version: 13, given: false },
  'over all axes from one on, in operator set 11': { version: 11, given: true },
  'over all axes from the second on, in operator set 9, where none is given': { version: 9, given: false },
};

describe.each(['Softmax', 'LogSoftmax'])('%s', (type) => {
  it.each(Object.entries(versions))('has the values and slopes of onnxruntime %s', async (_, { version, given }) => {
    const examples = given || version >= 13 ? shapeAndAxis : shapeAndAxis.filter(({ shape }) => shape.length > 1);
    await form(examples, ({ shape, axis }, seed) => ({
      type,
      inputs: [between(-3, 3, shape, seed)],
      attributes: given ? { axis } : {},
      version,
    }))(expectDerivative);
  });
});
