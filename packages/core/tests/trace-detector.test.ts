import { describe, expect, it } from '@jest/globals';
import { writeOnnx } from '@farout/onnx';
import { constant, input } from '@farout/tensor';
import { defineHook, defineScorer, traceHooks, traceScore, z, type SymbolicScorer } from '../src/index.ts';

const none = z.object({});
const nothing = { params: {}, learnt: {} };
const network = {
  features: input('features', ['N', 4]),
  head: { weight: input('weight', [3, 4]), bias: input('bias', [3]) },
};
const bare = network.features.linear(network.head.weight, network.head.bias);

const clip = defineHook({
  name: 'clip',
  params: z.object({ c: z.number().default(1) }),
  features: (h, { c }) => h.minimum(c),
});
const scale = defineHook({
  name: 'scale',
  params: none,
  features: (h) => h.mul(2),
  head: ({ weight, bias }) => ({ weight: weight.mul(3), bias: bias.mul(4) }),
  logits: (f) => f.mul(5),
});
const shift = defineHook({ name: 'shift', params: none, logits: (f) => f.add(6) });

describe('traceHooks', () => {
  it('without hooks is the bare network', () => {
    const { features, head, logits } = traceHooks(network, []);
    expect([features, head]).toEqual([network.features, network.head]);
    expect(writeOnnx({ logits })).toEqual(writeOnnx({ logits: bare }));
  });

  it('rewrites features, head and logits, hooks in their order', () => {
    const hooks = [
      { definition: clip, params: { c: 0.5 }, learnt: {} },
      { definition: scale, ...nothing },
      { definition: shift, ...nothing },
    ];
    const features = network.features.minimum(0.5).mul(2);
    const head = { weight: network.head.weight.mul(3), bias: network.head.bias.mul(4) };
    const logits = features.linear(head.weight, head.bias).mul(5).add(6);
    const traced = traceHooks(network, hooks);
    expect(writeOnnx({ h: traced.features, w: traced.head.weight, b: traced.head.bias, f: traced.logits })).toEqual(
      writeOnnx({ h: features, w: head.weight, b: head.bias, f: logits }),
    );
    const reversed = traceHooks(network, [...hooks].reverse());
    expect(writeOnnx({ f: reversed.logits })).not.toEqual(writeOnnx({ f: logits }));
  });

  it('hands what a hook learnt to it as constants that are named after both', () => {
    const learnt = { c: { data: Float32Array.of(7), shape: [] } };
    const hook = defineHook({ name: 'fitted', params: none, features: (h, _, { c }) => h.minimum(c!) });
    const { features } = traceHooks(network, [{ definition: hook, params: {}, learnt }]);
    const expected = network.features.minimum(constant(learnt.c, 'fitted.c'));
    expect(writeOnnx({ h: features })).toEqual(writeOnnx({ h: expected }));
  });
});

describe('traceScore', () => {
  const scorer = (score: SymbolicScorer['score']) => ({
    definition: defineScorer({ name: 'example', params: none, score }) as SymbolicScorer,
    params: { temperature: 2 },
    learnt: { mean: { data: Float32Array.of(1), shape: [] } },
  });
  const context = traceHooks(network, []);

  it('gives the scorer the context, its parameters and what it learnt', () => {
    const traced = traceScore(
      context,
      scorer(({ logits }, { temperature }, { mean }) =>
        logits
          .max()
          .div(temperature as number)
          .sub(mean!),
      ),
    );
    const expected = bare
      .max()
      .div(2)
      .sub(constant({ data: Float32Array.of(1), shape: [] }, 'example.mean'));
    expect(writeOnnx({ traced })).toEqual(writeOnnx({ traced: expected }));
  });

  it.each<[string, SymbolicScorer['score'], string]>([
    ['a score per class', ({ logits }) => logits, 'float32 (N, 3)'],
    ['a column', ({ logits }) => logits.max(-1, { keepDims: true }), 'float32 (N, 1)'],
    ['one score for all', ({ logits }) => logits.max([0, 1]), 'float32 ()'],
    ['a class', ({ logits }) => logits.argMax(), 'int64 (N)'],
    ['a score per feature', ({ features }) => features.max(0), 'float32 (4)'],
  ])('refuses %s', (_, score, found) => {
    expect(() => traceScore(context, scorer(score))).toThrow(
      expect.objectContaining({
        code: 'OOD_DETECTOR_FAILED',
        message: `scorer "example" returns ${found}, expected float32 (N)`,
      }),
    );
  });
});
