import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@farout/runtime';
import { concat, constant, input, type NDArray } from '@farout/tensor';
import fc from 'fast-check';
import { floats } from './parts/arrays.ts';
import { at, build, difference, linesAlong, numbers, shapes, type Plain } from './parts/plain.ts';
import { forAll } from './parts/property.ts';

const shapeAndAxis = shapes(1, 4).chain((shape) => fc.nat(shape.length - 1).map((axis) => ({ shape, axis })));

/** Places along an axis that depend on the seed alone: k for each line, distinct ones where k is not too large. */
function placesAlong(axis: number, shape: readonly number[], k: number, seed: number): NDArray {
  const size = shape[axis]!;
  const own = shape.with(axis, k);
  const data = new BigInt64Array(own.reduce((product, each) => product * each, 1));
  linesAlong(axis, own).forEach((line, i) => line.forEach((place, j) => (data[place] = BigInt((i + seed + j) % size))));
  return { data, shape: own };
}

/** For each line along the axis: its places in x, and those of its indices. */
const paired = (axis: number, x: NDArray, indices: NDArray) => {
  const own = linesAlong(axis, indices.shape);
  return linesAlong(axis, x.shape).map((line, i) => ({ line, own: own[i] ?? [] }));
};

describe('concat', () => {
  it('puts tensors one behind the other along any axis, the last one by default', async () => {
    await forAll(shapeAndAxis, async ({ shape, axis }, seed) => {
      const [x, y] = [numbers(shape, seed), numbers(shape.with(axis, 2), seed + 1)];
      const [a, b] = [input('x', shape), input('y', y.shape)];
      const size = shape[axis]!;
      const expected = build(shape.with(axis, 2 * size + 2), (index) => {
        const place = index[axis]!;
        if (place < size) return at(x, index);
        return place < size + 2 ? at(y, index.with(axis, place - size)) : at(x, index.with(axis, place - size - 2));
      });
      const outputs = { all: concat([a, b, a], axis - shape.length), alone: concat([a]) };
      const { all, alone } = await evaluate(outputs, { x, y });
      expect(difference(all!, expected)).toBe(0);
      expect(difference(alone!, x)).toBe(0);
    });
  });

  it('joins what is empty', async () => {
    const x = input('x', ['N', 2]);
    const { found } = await evaluate({ found: concat([x.slice(1, 1, 1), x]) }, { x: floats([1, 2], [1, 2]) });
    expect([found!.shape, [...found!.data]]).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });
});

describe('gather', () => {
  it('takes the elements at numbers and at computed indices along an axis', async () => {
    const x = floats([1, 2, 3, 4, 5, 6], [2, 3]);
    const [tensor, weights] = [input('x', ['N', 3]), input('w', [3, 2])];
    const w = floats([10, 20, 30, 40, 50, 60], [3, 2]);
    const outputs = {
      numbers: tensor.gather([2, 0, 0, -1], 1),
      rows: weights.gather(tensor.argMax(), 0),
      none: tensor.gather([], 1),
      pairs: tensor.gather(constant({ data: Int32Array.of(0, 1, 1, 2), shape: [2, 2] }), -1),
    };
    const found = await evaluate(outputs, { x, w });
    expect(Object.entries(found).map(([name, { data, shape }]) => [name, shape, [...data]])).toEqual([
      ['numbers', [2, 4], [3, 1, 1, 3, 6, 4, 4, 6]],
      ['rows', [2, 2], [50, 60, 50, 60]],
      ['none', [2, 0], []],
      ['pairs', [2, 2, 2], [1, 2, 2, 3, 4, 5, 5, 6]],
    ]);
    expect(outputs.rows.shape).toEqual(['N', 2]);
  });
});

describe('takeAlong, putAlong and scatterAdd', () => {
  it("take from, put into and add to each line at that line's own indices, along any axis", async () => {
    await forAll(shapeAndAxis, async ({ shape, axis }, seed) => {
      const x = numbers(shape, seed);
      const few = placesAlong(axis, shape, 1 + (seed % shape[axis]!), seed % 7);
      const many = placesAlong(axis, shape, shape[axis]! + 2, seed % 7);
      const [put, added] = [numbers(few.shape, seed + 1), numbers(many.shape, seed + 2)];
      const tensor = input('x', shape);
      const outputs = {
        taken: tensor.takeAlong(constant(many), axis),
        put: tensor.putAlong(constant(few), constant(put), axis - shape.length),
        sum: tensor.scatterAdd(constant(many), constant(added), axis),
      };
      const found = await evaluate(outputs, { x });
      expect(difference(found.taken!, plainTaken(axis, x, many))).toBe(0);
      expect(
        difference(
          found.put!,
          plainPut(axis, x, few, put, (_, value) => value),
        ),
      ).toBe(0);
      expect(
        difference(
          found.sum!,
          plainPut(axis, x, many, added, (old, value) => old + value),
        ),
      ).toBeLessThan(1e-6);
    });
  });

  it('take no elements, and put none', async () => {
    const x = input('x', ['N', 3]);
    const { indices, values } = x.topK(0);
    const { taken, put } = await evaluate(
      { taken: x.takeAlong(indices), put: x.putAlong(indices, values) },
      { x: floats([1, 2, 3], [1, 3]) },
    );
    expect([taken!.shape, [...put!.data]]).toEqual([
      [1, 0],
      [1, 2, 3],
    ]);
  });

  it('keep exactly k elements of a row, the first of equals, whatever they are', async () => {
    const x = floats([2, 2, 2, 2, 1, 0, -1, Infinity, Infinity, 0, NaN, 0], [3, 4]);
    const tensor = input('x', ['N', 4]);
    const { values, indices } = tensor.topK(2);
    const { kept } = await evaluate({ kept: tensor.filled(0).putAlong(indices, values) }, { x });
    expect([...kept!.data]).toEqual([2, 2, 0, 0, 1, 0, 0, Infinity, Infinity, 0, NaN, 0]);
  });

  it('take the places of int32 too, and ±∞ and NaN as they are', async () => {
    const x = floats([NaN, Infinity, -Infinity], [1, 3]);
    const indices = constant({ data: Int32Array.of(2, 0, 1), shape: [1, 3] });
    const { taken } = await evaluate({ taken: input('x', [1, 3]).takeAlong(indices) }, { x });
    expect([...taken!.data]).toEqual([-Infinity, NaN, Infinity]);
  });
});

describe('filled', () => {
  it('holds a number at every place, whatever was there', async () => {
    const x = floats([NaN, Infinity, 1, 2], [2, 2]);
    const found = await evaluate(
      { zeros: input('x', ['N', 2]).filled(0), ones: input('x', ['N', 2]).filled(1) },
      { x },
    );
    expect([[...found.zeros!.data], [...found.ones!.data]]).toEqual([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
  });
});

function plainTaken(axis: number, x: Plain, indices: NDArray): Plain {
  const data = new Float32Array(indices.data.length);
  for (const { line, own } of paired(axis, x, indices)) {
    for (const place of own) data[place] = x.data[line[Number(indices.data[place])]!]!;
  }
  return { data, shape: indices.shape };
}

function plainPut(
  axis: number,
  x: Plain,
  indices: NDArray,
  values: Plain,
  change: (old: number, value: number) => number,
): Plain {
  const data = x.data.slice();
  for (const { line, own } of paired(axis, x, indices)) {
    for (const place of own) {
      const target = line[Number(indices.data[place])]!;
      data[target] = change(data[target]!, values.data[place]!);
    }
  }
  return { data, shape: x.shape };
}
