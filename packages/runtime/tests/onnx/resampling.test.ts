import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { floats, ints } from '../parts/arrays.ts';
import { expectAdjoint } from '../parts/like-onnxruntime.ts';
import type { NodeCase } from '../parts/one-node-model.ts';
import { numbers } from '../parts/plain.ts';
import { form, twice } from '../parts/property.ts';

const scale = fc.constantFrom(0.3, 0.5, 0.6, 0.7, 0.75, 1, 1.2, 1.5, 2, 2.3, 3);

/** Where single and double precision round to different sizes, onnxruntime infers another one than it computes. */
const settled = (size: number, factor: number) =>
  Math.floor(size * Math.fround(factor)) === Math.floor(Math.fround(size * Math.fround(factor)));

/** Factors that leave at least one pixel. */
const images = fc
  .record({ size: twice(1, 10), scales: fc.tuple(scale, scale), sizes: twice(1, 12) })
  .filter(({ size, scales }) =>
    size.every((each, axis) => each * scales[axis]! >= 1.1 && settled(each, scales[axis]!)),
  );
type Image = typeof images extends fc.Arbitrary<infer T> ? T : never;

/** Empty where nothing is meant, as operator set 11 wants them. */
const [noRegion, noScales] = [floats([]), floats([])];

const x = ({ size }: Image, seed: number) => numbers([1, 2, ...size], seed);

const resizeTo = (
  image: Image,
  seed: number,
  kind: 'scales' | 'sizes',
  attributes: NodeCase['attributes'],
  version: number,
): NodeCase => ({
  type: 'Resize',
  inputs:
    kind === 'scales'
      ? [x(image, seed), noRegion, floats([1, 1, ...image.scales])]
      : [x(image, seed), noRegion, noScales, ints([1, 2, ...image.sizes])],
  attributes: attributes!,
  version,
});

const modes: Record<string, NonNullable<NodeCase['attributes']>> = {
  'nearest, floor': { mode: 'nearest', nearest_mode: 'floor' },
  'nearest, ceil': { mode: 'nearest', nearest_mode: 'ceil' },
  'nearest, round_prefer_ceil': { mode: 'nearest', nearest_mode: 'round_prefer_ceil' },
  'nearest, round_prefer_floor': { mode: 'nearest', nearest_mode: 'round_prefer_floor' },
  linear: { mode: 'linear' },
  cubic: { mode: 'cubic' },
  'cubic with another coefficient': { mode: 'cubic', cubic_coeff_a: { float: -0.5 } },
};

describe.each(['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'])(
  'Resize with %s coordinates',
  (where) => {
    it.each(Object.entries(modes))('has the values of onnxruntime, and their adjoint: %s', async (_, mode) => {
      const attributes = { ...mode, coordinate_transformation_mode: where };
      const versions = fc.tuple(
        images,
        fc.constantFrom('scales' as const, 'sizes' as const),
        fc.constantFrom(11, 13, 18, 19),
      );
      await form(
        versions,
        ([image, kind, version], seed) => resizeTo(image, seed, kind, attributes, version),
        20,
      )(expectAdjoint);
    });
  },
);

const inputOf = (image: Image, seed: number, scales: readonly number[]) => [x(image, seed), floats([1, 1, ...scales])];

const others: Record<string, (image: Image, seed: number) => NodeCase> = {
  'Resize by its defaults': (image, seed) => resizeTo(image, seed, 'sizes', {}, 13),
  'Resize of given axes': ({ size, sizes, ...rest }, seed) => ({
    type: 'Resize',
    inputs: [x({ size, sizes, ...rest }, seed), undefined, undefined, ints(sizes)],
    attributes: { axes: [2, 3] },
    version: 18,
  }),
  'Resize of given axes, counted from the end': (image, seed) => ({
    type: 'Resize',
    inputs: [x(image, seed), undefined, floats(image.scales)],
    attributes: { axes: [-2, -1], mode: 'linear' },
    version: 18,
  }),
  'Resize of the height alone': (image, seed) => ({
    type: 'Resize',
    inputs: [x(image, seed), undefined, undefined, ints([image.sizes[0]])],
    attributes: { axes: [2] },
    version: 19,
  }),
  'Resize of operator set 10, nearest, larger': (image, seed) => ({
    type: 'Resize',
    inputs: inputOf(image, seed, image.scales.map(atLeastOne)),
    attributes: { mode: 'nearest' },
    version: 10,
  }),
  'Resize of operator set 10, nearest, smaller': (image, seed) => ({
    type: 'Resize',
    inputs: inputOf(
      image,
      seed,
      image.scales.map((factor) => Math.min(factor, 1)),
    ),
    attributes: { mode: 'nearest' },
    version: 10,
  }),
  'Resize of operator set 10, linear': (image, seed) => ({
    type: 'Resize',
    inputs: inputOf(image, seed, image.scales),
    attributes: { mode: 'linear' },
    version: 10,
  }),
  'Upsample by an input, nearest': (image, seed) => ({
    type: 'Upsample',
    inputs: inputOf(image, seed, image.scales.map(atLeastOne)),
    version: 9,
  }),
  'Upsample by an input, linear': (image, seed) => ({
    type: 'Upsample',
    inputs: inputOf(image, seed, image.scales.map(atLeastOne)),
    attributes: { mode: 'linear' },
    version: 9,
  }),
  'Upsample by an attribute': (image, seed) => ({
    type: 'Upsample',
    inputs: [x(image, seed)],
    attributes: { mode: 'nearest', scales: { floats: [1, 1, ...image.scales.map(atLeastOne)] } },
    version: 7,
  }),
};

const atLeastOne = (factor: number) => Math.max(factor, 1);

describe('another way to resize', () => {
  it.each(Object.entries(others))('has the values of onnxruntime, and their adjoint: %s', async (_, node) => {
    await form(images, node, 20)(expectAdjoint);
  });
});
