import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { floats, ints } from '../parts/arrays.ts';
import { expectAdjoint } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';
import { numbers } from '../parts/plain.ts';
import { form, small, type Check } from '../parts/property.ts';

const shape = [2, 4, 5];
const sides = (low: number, high: number) =>
  fc.tuple(small(low, high), small(low, high), small(low, high), small(low, high));

/** Around the last two of three axes. */
const padsOf = ([top, left, bottom, right]: readonly number[]) => [0, top!, left!, 0, bottom!, right!];

const byAttributes = (low: number, mode: string, attributes: NodeCase['attributes'] = {}) =>
  form(sides(low, 3), (each, seed) => ({
    type: 'Pad',
    inputs: [numbers(shape, seed)],
    attributes: { pads: padsOf(each), mode, ...attributes },
    version: 10,
  }));

const byInputs = (low: number, mode: string, version: number, value?: number) =>
  form(sides(low, 3), (each, seed) => ({
    type: 'Pad',
    inputs: [numbers(shape, seed), ints(padsOf(each)), ...(value === undefined ? [] : [floats([value], [])])],
    attributes: { mode },
    version,
  }));

const paddings: Record<string, (check: Check) => Promise<void>> = {
  'zeros, by an attribute': byAttributes(0, 'constant'),
  'a number, by an attribute': byAttributes(0, 'constant', { value: { float: -1.5 } }),
  'the edge, by an attribute': byAttributes(0, 'edge'),
  'mirrored, by an attribute': byAttributes(0, 'reflect'),
  'what is cut off, by an attribute': byAttributes(-1, 'constant'),
  zeros: byInputs(0, 'constant', 11),
  'a number': byInputs(0, 'constant', 13, 2.5),
  'the edge': byInputs(0, 'edge', 13),
  mirrored: byInputs(0, 'reflect', 18),
  'from the other side': byInputs(0, 'wrap', 19),
  'what is cut off': byInputs(-1, 'constant', 13, 0.5),
  'some axes alone': form(sides(-1, 2), (each, seed) => ({
    type: 'Pad',
    inputs: [numbers(shape, seed), ints(each), undefined, ints([-1, 0])],
    version: 18,
  })),
  'the default, which is zeros': form(sides(0, 2), (each, seed) => ({
    type: 'Pad',
    inputs: [numbers(shape, seed), ints(padsOf(each))],
  })),
};

describe('Pad', () => {
  it.each(Object.entries(paddings))('has the values of onnxruntime, and their adjoint: %s', async (_, holds) =>
    holds(expectAdjoint),
  );
});
