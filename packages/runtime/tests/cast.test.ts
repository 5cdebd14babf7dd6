import { describe, expect, it } from '@jest/globals';
import { input } from '@farout/tensor';
import { evaluate } from '@farout/runtime';

const x = { data: Float32Array.of(0, 1, 2.75, -2.75, 200), shape: [5] };

describe('cast', () => {
  it('converts as typed arrays do, towards zero', async () => {
    const tensor = input('x', [5]);
    const outputs = { double: tensor.cast('float64'), int32: tensor.cast('int32'), int64: tensor.cast('int64') };
    const results = await evaluate(outputs, { x });
    expect(results.double!.data).toEqual(Float64Array.from(x.data));
    expect(results.int32!.data).toEqual(Int32Array.from(x.data));
    expect(results.int64!.data).toEqual(BigInt64Array.of(0n, 1n, 2n, -2n, 200n));
  });

  it('makes float32 of the bytes of pixels', async () => {
    const pixels = { data: Uint8Array.of(0, 127, 255), shape: [3] };
    const { values } = await evaluate({ values: input('pixels', [3], 'uint8').cast('float32') }, { pixels });
    expect(values!.data).toEqual(Float32Array.of(0, 127, 255));
  });

  it('makes 1 of everything but 0 when it casts to bool', async () => {
    const { truth } = await evaluate({ truth: input('x', [5]).cast('bool') }, { x });
    expect(Array.from(truth!.data, Number)).toEqual([0, 1, 1, 1, 1]);
  });
});
