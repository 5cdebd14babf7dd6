import { describe, expect, it } from '@jest/globals';
import { constant, input } from '@farout/tensor';
import { evaluate, onnxruntimeVersion } from '@farout/runtime';

const scalar = (value: number) => ({ data: Float32Array.of(value), shape: [] });

describe('evaluate', () => {
  it('computes several tensors of one graph', async () => {
    const [a, b] = [input('a', []), input('b', [])];
    const results = await evaluate({ sum: a.add(b), product: a.mul(b) }, { a: scalar(3), b: scalar(4) });
    expect([results.sum!.data[0], results.product!.data[0]]).toEqual([7, 12]);
  });

  it('computes an expression of constants alone', async () => {
    const { six } = await evaluate({ six: constant(scalar(2)).mul(3) }, {});
    expect(six).toEqual({ data: Float32Array.of(6), shape: [] });
  });

  it('keeps 0 and −0 apart', async () => {
    const zeros = { plus: constant(scalar(0)), minus: constant(scalar(-0)) };
    const { up, down } = await evaluate(
      { up: constant(scalar(1)).div(zeros.plus), down: constant(scalar(1)).div(zeros.minus) },
      {},
    );
    expect([up!.data[0], down!.data[0]]).toEqual([Infinity, -Infinity]);
  });

  it('computes what is named like an operator beside what the operator made', async () => {
    const x = input('Mul', []);
    const results = await evaluate({ first: x.add(1).add(2), Add: x.mul(2).mul(3) }, { Mul: scalar(1) });
    expect([results.first!.data[0], results.Add!.data[0]]).toEqual([4, 6]);
  });

  it('computes expressions 10,000 operators deep', async () => {
    let deep = input('x', []);
    for (let i = 0; i < 10_000; i++) deep = deep.add(1);
    const { result } = await evaluate({ result: deep }, { x: scalar(0) });
    expect(result!.data[0]).toBe(10_000);
  });

  it('knows the version that computes', () => {
    expect(onnxruntimeVersion).toMatch(/^\d+\.\d+\.\d+/);
  });
});
