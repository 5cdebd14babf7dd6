import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, traceHooks, traceScore, type SymbolicScorer } from '@farout/core';
import { constant, input } from '@farout/tensor';
import { evaluate } from '@farout/runtime';

const network = {
  features: input('features', ['N', 2]),
  head: {
    weight: constant({ data: Float32Array.of(1, 0, 0, 1, 1, 1), shape: [3, 2] }),
    bias: constant({ data: Float32Array.of(0, 0, 0.5), shape: [3] }),
  },
};
const features = { data: Float32Array.of(1, 2, 30, 40), shape: [2, 2] };

const clip = defineHook({
  name: 'clip',
  features: (h, _, { learnt }) => h.minimum(learnt.c!.cast('float32')),
});
const double = defineHook({
  name: 'double',
  features: (h) => h.mul(2),
  head: ({ weight, bias }) => ({ weight: weight.mul(10), bias }),
  logits: (f) => f.sub(1),
});
const largest = defineScorer({
  name: 'largest',
  score: ({ logits }) => logits.max(),
}) as SymbolicScorer;

describe('a traced detector', () => {
  it('computes features, head and logits after the hooks, in their order', async () => {
    const learnt = { c: { data: Float64Array.of(10), shape: [] } };
    const hooks = [
      { definition: clip, params: {}, learnt },
      { definition: double, params: {}, learnt: {} },
    ];
    const context = traceHooks(network, hooks);
    const score = traceScore(context, { definition: largest, params: {}, learnt: {} });
    const results = await evaluate({ hooked: context.features, logits: context.logits, score }, { features });
    expect(Array.from(results.hooked!.data, Number)).toEqual([2, 4, 20, 20]);
    expect(Array.from(results.logits!.data, Number)).toEqual([19, 39, 59.5, 199, 199, 399.5]);
    expect(Array.from(results.score!.data, Number)).toEqual([59.5, 399.5]);
  });
});
