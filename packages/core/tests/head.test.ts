import { describe, expect, it } from '@jest/globals';
import { writeOnnx } from '@farout/onnx';
import { input, type Tensor } from '@farout/tensor';
import { defineHook, defineScorer, headInput, headLogits, traceHooks, traceScore } from '../src/index.ts';

const nothing = { params: {}, learnt: {} };
const head = { weight: input('weight', [3, 4]), bias: input('bias', [3]), normalise: true };
const network = { features: input('features', ['N', 4]), head };

const unit = (h: Tensor) => h.div(h.norm(-1, { keepDims: true }).maximum(1e-12));
const same = (found: Tensor, expected: Tensor) => expect(writeOnnx({ x: found })).toEqual(writeOnnx({ x: expected }));

const ignores = (name: string) =>
  expect.objectContaining({
    code: 'OOD_DETECTOR_FAILED',
    message: `"${name}" uses weights of the last layer, but not the layer's input: features divided by their length`,
  });

describe('a last layer that normalises', () => {
  it('reads features divided by their length', () => {
    same(headInput(network.features, head), unit(network.features));
    same(headLogits(network.features, head), unit(network.features).linear(head.weight, head.bias));
    expect(headInput(network.features, { normalise: false })).toBe(network.features);
  });

  it('divides what hooks leave of the features, and goes on doing so when a hook rewrites it', () => {
    const clip = defineHook({ name: 'clip', features: (h) => h.minimum(1) });
    const double = defineHook({ name: 'double', head: ({ weight, bias }) => ({ weight: weight.mul(2), bias }) });
    const {
      features,
      headInput: read,
      logits,
    } = traceHooks(
      network,
      [clip, double].map((definition) => ({ definition, ...nothing })),
    );
    same(features, network.features.minimum(1));
    same(read, unit(network.features.minimum(1)));
    same(logits, unit(network.features.minimum(1)).linear(head.weight.mul(2), head.bias));
  });

  it('refuses by name a part that takes its weights without what it reads', () => {
    const naive = defineScorer({
      name: 'naive',
      score: ({ features, head: { weight } }) => features.matmul(weight.transpose(1, 0)).max(),
    });
    const view = traceHooks(network, []);
    expect(() => traceScore(view, { definition: naive as never, ...nothing })).toThrow(ignores('naive'));
    const hook = defineHook({
      name: 'naive hook',
      logits: (z, _, { features, head: w }) => z.add(features.linear(w.weight, w.bias)),
    });
    expect(() => traceHooks(network, [{ definition: hook, ...nothing }]).logits).toThrow(ignores('naive hook'));
  });

  it('serves a part that reads what it reads, or applies it to features of its own', () => {
    const view = traceHooks(network, []);
    for (const score of [
      ({ headInput: n, head: w }: typeof view) => n.linear(w.weight, w.bias).max(),
      ({ features: h, head: w }: typeof view) => headLogits(h, w).max(),
      ({ features: h }: typeof view) => h.max(),
    ]) {
      const definition = defineScorer({ name: 'aware', score });
      expect(traceScore(view, { definition: definition as never, ...nothing }).shape).toEqual(['N']);
    }
  });
});
