import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { ints } from '../parts/arrays.ts';
import { expectAdjoint } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';
import { numbers, shapes } from '../parts/plain.ts';
import { form, small, type Check } from '../parts/property.ts';

const node =
  (type: string, attributes: NodeCase['attributes'] = {}, version = 20) =>
  (shape: readonly number[], seed: number): NodeCase => ({ type, inputs: [numbers(shape, seed)], attributes, version });

const of = (shape: readonly number[]) => fc.constant(shape);
const withAxis = shapes(2, 4).chain((shape) =>
  fc.record({ shape: of(shape), axis: small(-shape.length, shape.length) }),
);
const permutations = shapes(2, 4).chain((shape) =>
  fc.record({
    shape: of(shape),
    perm: fc.shuffledSubarray([...shape.keys()], { minLength: shape.length }),
  }),
);
const blocks = fc.record({ blocksize: small(1, 3), c: small(1, 2), h: small(1, 2), w: small(1, 3) });
type Blocks = typeof blocks extends fc.Arbitrary<infer T> ? T : never;

const depthToSpace =
  (mode: string) =>
  ({ blocksize, c, h, w }: Blocks, seed: number): NodeCase =>
    node('DepthToSpace', { blocksize, mode }, 13)([2, c * blocksize * blocksize, h, w], seed);

const reshape = (shape: readonly number[], target: readonly number[], attributes: NodeCase['attributes'] = {}) =>
  form(
    of(shape),
    (_, seed) => ({ ...node('Reshape', attributes)(shape, seed), inputs: [numbers(shape, seed), ints(target)] }),
    2,
  );

/** Axes are attributes up to operator set 11, inputs since 13. */
const axes = (type: string, shape: readonly number[], said: readonly number[] | undefined, version: number) =>
  form(
    of(shape),
    (_, seed) => ({
      type,
      inputs: [numbers(shape, seed), ...(said && version >= 13 ? [ints(said)] : [])],
      attributes: said && version < 13 ? { axes: said } : {},
      version,
    }),
    2,
  );

const layouts: Record<string, (check: Check) => Promise<void>> = {
  Identity: form(shapes(0, 3), node('Identity')),
  'Dropout, which does nothing': form(shapes(1, 3), node('Dropout', {}, 13)),
  'Dropout of operator set 7, whose ratio is an attribute': form(
    shapes(1, 3),
    node('Dropout', { ratio: { float: 0.4 } }, 7),
  ),
  'Transpose by its default, which turns all axes round': form(shapes(1, 4), node('Transpose')),
  'Transpose into any order': form(permutations, ({ shape, perm }, seed) => node('Transpose', { perm })(shape, seed)),
  'Flatten at any axis': form(withAxis, ({ shape, axis }, seed) => node('Flatten', { axis }, 13)(shape, seed)),
  'Flatten at its default axis': form(shapes(2, 4), node('Flatten')),
  'DepthToSpace, depth first': form(blocks, depthToSpace('DCR')),
  'DepthToSpace, column first': form(blocks, depthToSpace('CRD')),
  SpaceToDepth: form(blocks, ({ blocksize, c, h, w }, seed) =>
    node('SpaceToDepth', { blocksize }, 13)([2, c, h * blocksize, w * blocksize], seed),
  ),
  'Reshape that leaves one size open': reshape([2, 3, 4], [4, -1]),
  'Reshape that keeps a size': reshape([2, 3, 4], [0, -1]),
  'Reshape that keeps two sizes and splits the last': reshape([2, 3, 4], [0, 0, 2, 2]),
  'Reshape to a vector': reshape([2, 3, 4], [-1]),
  'Reshape to a scalar': reshape([1, 1], []),
  'Squeeze of all axes of size 1': axes('Squeeze', [1, 3, 1, 2], undefined, 13),
  'Squeeze by an attribute': axes('Squeeze', [1, 3, 1, 2], [0], 11),
  'Squeeze by an attribute, counted from the end': axes('Squeeze', [1, 3, 1, 2], [-2], 11),
  'Squeeze by an input': axes('Squeeze', [1, 3, 1, 2], [0, -2], 13),
  'Unsqueeze by an attribute': axes('Unsqueeze', [3, 2], [0, 3], 11),
  'Unsqueeze by an input, counted from the end': axes('Unsqueeze', [3, 2], [-1, 0], 13),
  'Unsqueeze of a scalar': axes('Unsqueeze', [], [0], 13),
  'Cast to float64': form(shapes(1, 3), node('Cast', { to: 11 })),
  'Cast to float32': form(shapes(1, 3), node('Cast', { to: 1 })),
};

describe('an operator that only moves elements', () => {
  it.each(Object.entries(layouts))('has the values of onnxruntime, and their adjoint: %s', async (_, holds) =>
    holds(expectAdjoint),
  );
});
