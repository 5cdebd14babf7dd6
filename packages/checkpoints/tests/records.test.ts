import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { elementTypes, StorageRecord, TensorRecord } from '../src/torch/records.ts';

const storage = new StorageRecord('0', elementTypes.float32, 1000);
const elements = Float32Array.from({ length: 1000 }, (_, i) => i);

describe('TensorRecord', () => {
  it('puts element (i, j, k) of any strides at its place in row-major order', () => {
    const axes = fc.tuple(fc.nat(9), fc.nat(9), fc.nat(9));
    fc.assert(
      fc.property(fc.nat(100), axes, fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)), (offset, shape, strides) => {
        const { data } = new TensorRecord(storage, offset, shape, strides).array(elements);
        const expected: number[] = [];
        for (let i = 0; i < shape[0]; i++)
          for (let j = 0; j < shape[1]; j++)
            for (let k = 0; k < shape[2]; k++) expected.push(offset + i * strides[0] + j * strides[1] + k * strides[2]);
        expect(Array.from(data as Float32Array)).toEqual(expected);
      }),
    );
  });

  it('copies nothing where strides of axes of one element are odd, as PyTorch leaves them', () => {
    const record = new TensorRecord(storage, 10, [1, 4, 1, 5], [999, 5, 77, 1]);
    expect(record.contiguous).toBe(true);
    expect(record.array(elements).data.buffer).toBe(elements.buffer);
  });

  it('is as long as an empty shape says although its other sizes are enormous', () => {
    const enormous = Array.from({ length: 15 }, () => 2 ** 53 - 1);
    expect(new TensorRecord(storage, 0, [...enormous, 0], [...enormous, 1]).length).toBe(0);
  });

  it.each([
    ['a storage that is none', [null, 0, [2], [1]], /None for its storage/],
    ['a size that is no whole number', [storage, 0, [1.5], [1]], /the number 1.5 for a size/],
    ['a size beyond doubles', [storage, 0, [2n ** 60n], [1]], /the number 1152921504606846976 for a size/],
    ['an offset past the end', [storage, 1001, [0], [1]], /reaches element 1001 of a storage of 1000/],
    ['a last element past the end', [storage, 0, [2, 501], [500, 1]], /reaches element 1001 of a storage of 1000/],
    ['a shape that is text', [storage, 0, 'abc', [1]], /the text "abc" for its shape/],
    ['more axes than any tensor has', [storage, 0, Array(17).fill(1), Array(17).fill(1)], /17 axes/],
  ] as [string, [unknown, unknown, unknown, unknown], RegExp][])('refuses %s', (_, values, message) => {
    expect(() => new TensorRecord(...values)).toThrow(message);
  });
});
