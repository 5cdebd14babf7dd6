import { StateDict } from '@farout/core';
import { constant, type Dimension, type NDArray, type Tensor } from '@farout/tensor';

/** A number in 0..1: a hash of 32 bits of place and seed, as golden/taps.py has it. */
function painted(seed: number, place: number): number {
  let x = (place + seed) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

function array(name: string, shape: readonly number[], value: (u: number) => number): NDArray {
  const seed = seedOf(name);
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) data[i] = value(painted(seed, i));
  return { data, shape };
}

const seedOf = (name: string) => Buffer.from(name).reduce((sum, byte) => (Math.imul(sum, 31) + byte) >>> 0, 7);

/** A checkpoint that has whatever is asked of it, as golden/taps.py draws it; the classes are a thousand. */
export class PaintedStateDict extends StateDict {
  constructor() {
    super(new Map(), 'painted');
  }

  override take(name: string, wanted: readonly (Dimension | undefined)[]): Tensor {
    const shape = wanted.map((size) => (typeof size === 'number' ? size : 1000));
    const reach = Math.sqrt(4 / shape.slice(1).reduce((a, b) => a * b, 1));
    const value = shape.length > 1 ? (u: number) => reach * (2 * u - 1) : (u: number) => 0.5 + u;
    return constant(array(name, shape, value), name);
  }
}

/** The two images that golden/taps.py shows to the networks, normalised, (2, 3, 64, 64). */
export const paintedImages = (): NDArray => array('image', [2, 3, 64, 64], (u) => 4 * u - 2);
