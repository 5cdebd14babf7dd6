import { describe, expect, it } from '@jest/globals';
import { parseNpy } from '../src/npy.ts';
import { bytes } from './parts/pickles.ts';

/** A .npy file with this header, written as numpy.lib.format describes it. */
function npy(header: string, data: Uint8Array, version = 1): Buffer {
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  length.writeUIntLE(header.length, 0, length.length);
  return bytes('\x93NUMPY', String.fromCharCode(version), '\0', length, header, data);
}

const plain = (descr: string, shape: string) => `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
const floats = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);

describe('parseNpy', () => {
  it.each([1, 2, 3])('reads version %d', (version) => {
    const array = parseNpy(npy(`${plain('<f4', '(2, 3)')}     \n`, floats, version));
    expect(array).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] });
  });

  it.each([
    ['<f4', Float32Array.of(-1.5)],
    ['<f8', Float64Array.of(-1e300)],
    ['<i4', Int32Array.of(-(2 ** 31))],
    ['<i8', BigInt64Array.of(-(2n ** 63n))],
    ['|u1', Uint8Array.of(255)],
  ])('reads %s', (descr, data) => {
    expect(parseNpy(npy(plain(descr, '()'), new Uint8Array(data.buffer)))).toEqual({ data, shape: [] });
  });

  it.each([
    ['()', 4, []],
    ['(1,)', 4, [1]],
    ['(0,)', 0, [0]],
    ['(1, 0, 4294967296)', 0, [1, 0, 2 ** 32]],
    ['(2,3)', 24, [2, 3]],
    ['(2, 3,)', 24, [2, 3]],
  ])('reads the shape %s', (shape, length, expected) => {
    expect(parseNpy(npy(plain('<f4', shape), floats.subarray(0, length))).shape).toEqual(expected);
  });

  it('reads keys in any order and without spaces', () => {
    expect(parseNpy(npy("{'shape':(6,),'fortran_order':False,'descr':'<f4'}", floats)).shape).toEqual([6]);
  });

  it('looks at the bytes where they are aligned, and copies them where not', () => {
    const file = npy(plain('<f4', '(6,)').padEnd(118), floats);
    const aligned = new Uint8Array(new ArrayBuffer(file.length + 8), 0, file.length);
    aligned.set(file);
    expect(parseNpy(aligned).data.buffer).toBe(aligned.buffer);
    const odd = new Uint8Array(aligned.buffer, 1, file.length);
    odd.set(file);
    expect(parseNpy(odd)).toEqual({ data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [6] });
  });

  it.each([
    ['other bytes', Buffer.from('GIF89a and more'), /not a \.npy file/],
    ['nothing', Buffer.alloc(0), /not a \.npy file/],
    ['an unknown version', npy(plain('<f4', '(6,)'), floats, 4), /version 4/],
    ['a header past the end', npy(plain('<f4', '(6,)'), floats).subarray(0, 40), /header would end at byte/],
    ['too little data', npy(plain('<f4', '(6,)'), floats.subarray(1)), /takes 24 bytes, it holds 23/],
    ['too much data', npy(plain('<f4', '(5,)'), floats), /takes 20 bytes, it holds 24/],
    ['a shape that overflows', npy(plain('<f4', '(4294967296, 4294967296, 6)'), floats), /bytes, it holds 24/],
    ['a shape beyond doubles', npy(plain('<f4', `(${'9'.repeat(400)}, 6)`), floats), /plain array/],
    ['a shape that is no tuple', npy(plain('<f4', '(6)'), floats), /not one of a plain array/],
    ['a negative size', npy(plain('<f4', '(-6,)'), floats), /not one of a plain array/],
    ['big-endian numbers', npy(plain('>f4', '(6,)'), floats), /elements are >f4; read are <f4/],
    ['objects', npy(plain('|O', '(6,)'), floats), /elements are \|O/],
    ['half precision', npy(plain('<f2', '(12,)'), floats), /elements are <f2/],
    ['Fortran order', npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", floats), /Fortran order/],
    [
      'a structured array',
      npy("{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,), }", floats),
      /plain array/,
    ],
    ['a key twice', npy("{'descr': '<f4', 'descr': '<f4', 'shape': (6,), }", floats), /plain array/],
    ['a key more', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'x': True}", floats), /plain array/],
    [
      "values under each other's keys",
      npy("{'descr': True, 'fortran_order': '<f4', 'shape': (6,), }", floats),
      /plain array/,
    ],
    ['an expression', npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2*3,), }", floats), /plain array/],
    ['a header of nothing but spaces', npy(' '.repeat(60_000), floats), /plain array/],
  ])('refuses %s', (_, file, message) => {
    expect(() => parseNpy(file, 'x.npy')).toThrow(message);
    expect(() => parseNpy(file, 'x.npy')).toThrow(
      expect.objectContaining({ code: 'OOD_ARRAY_INVALID', message: expect.stringMatching(/^x\.npy: /) }),
    );
  });
});
