import { describe, expect, it } from '@jest/globals';
import { writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import { constant, input } from '@farout/tensor';
import { halfWeights } from '../src/half.ts';

const filled = (valueAt: (at: number) => number, length = 2048) =>
  constant({ data: Float32Array.from({ length }, (_, at) => valueAt(at)), shape: [length / 64, 64] });

const x = input('x', ['N', 64]);
const bias = constant({ data: new Float32Array(32), shape: [32] });
const layer = (weight: ReturnType<typeof filled>) => x.linear(weight, bias);

describe('weights in half precision', () => {
  it('are those that float16 can hold', () => {
    const { arrays, kept } = halfWeights(layer(filled((at) => (at - 1000) / 997)));
    expect([arrays.size, kept]).toEqual([1, 0]);
  });

  it.each([
    ['a number beyond 65504, which would be infinite', (at: number) => (at === 7 ? 65_520 : 1)],
    ['tiny numbers, which have few digits there', (at: number) => 1e-7 * (1 + at / 2048)],
    ['tinier numbers, which would be 0', () => 1e-9],
  ])('are kept in single precision for %s', (_, valueAt) => {
    const { arrays, kept } = halfWeights(layer(filled(valueAt)));
    expect([arrays.size, kept]).toEqual([0, 1]);
  });

  it('may mask by −∞, and have tiny numbers among others', () => {
    const { arrays } = halfWeights(layer(filled((at) => (at === 3 ? -Infinity : at === 4 ? 1e-9 : 0.5))));
    expect(arrays.size).toBe(1);
  });

  it('are not small arrays, nor numbers of more digits than float32 has', () => {
    const small = filled((at) => at, 512);
    const precise = constant({ data: new Float64Array(2048), shape: [32, 64] });
    expect(halfWeights(x.matmul(small.reshape([64, 8]))).arrays.size).toBe(0);
    expect(halfWeights(x.cast('float64').matmul(precise.transpose(1, 0))).arrays.size).toBe(0);
  });

  it('become float32 again where they are used: the nearest numbers of 11 bits', async () => {
    const logits = layer(filled((at) => (at === 0 ? 1 + 2 ** -11 + 2 ** -13 : at === 1 ? 1 + 2 ** -12 : 0)));
    const { arrays } = halfWeights(logits);
    const whole = writeOnnx({ logits }, { portable: true });
    const bytes = writeOnnx({ logits }, { portable: true, half: arrays });
    expect(whole.length - bytes.length).toBeGreaterThan(2048 * 2 - 200);
    const session = await openSession(bytes, { threads: 1 });
    const first = Float32Array.from({ length: 64 }, (_, at) => (at === 0 ? 1 : 0));
    const second = Float32Array.from({ length: 64 }, (_, at) => (at === 1 ? 1 : 0));
    const data = Float32Array.from([...first, ...second]);
    const given = (await session.run({ x: { data, shape: [2, 64] } })).logits!.data as Float32Array;
    await session.release();
    expect([given[0], given[32]]).toEqual([1 + 2 ** -10, 1]);
  });
});
