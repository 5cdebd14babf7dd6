import { describe, expect, it } from '@jest/globals';
import { defineHook, learnsFrom, z } from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { hookGradient, hooksFromFile, hookShapes, logitsShape } from '../../src/checks/hook.ts';
import { fitStreams } from '../../src/checks/fit.ts';
import { batchAsRows, finiteOnExtremes, twiceIsOnce } from '../../src/checks/part.ts';
import { defaultsConstruct } from '../../src/parameters.ts';
import { failingHookChecks } from '../parts/failing-checks.ts';
import { meanOf, meanOfFeatures, sumsOf } from '../parts/mean-of-features.ts';

describe('the contract of a hook', () => {
  it('finds no fault with a hook that learns and rewrites features, head and logits', async () => {
    const hook = () =>
      defineHook({
        name: 'all three',
        fit: () => meanOfFeatures,
        features: (h, _, { learnt }) => h.sub(learnt.mean!.cast('float32')),
        head: ({ weight, bias }) => ({ weight: weight.mul(2), bias }),
        logits: (z) => z.div(10),
      });
    expect(await failingHookChecks(hook)).toEqual([]);
  });

  it('catches a parameter without a default', async () => {
    const params = z.object({ c: z.number() });
    const hook = () => defineHook({ name: 'needs c', params, features: (h, { c }) => h.minimum(c) });
    expect(await failingHookChecks(hook, { c: 1 })).toEqual([defaultsConstruct.title]);
  });

  it('catches features that depend on the other images of the batch', async () => {
    const hook = () => defineHook({ name: 'centres', features: (h) => h.sub(h.mean(0)) });
    expect(await failingHookChecks(hook)).toEqual([batchAsRows.title]);
  });

  it('catches a hook that differs by a rounding from one tracing to the next', async () => {
    const hook = () => {
      let traced = 0;
      return defineHook({ name: 'drifts', features: (h) => h.mul(1 + 2 ** -23 * (traced++ % 2)) });
    };
    expect(await failingHookChecks(hook)).toEqual([batchAsRows.title, twiceIsOnce.title]);
  });

  it('catches an overflow', async () => {
    const hook = () => defineHook({ name: 'explodes', logits: (z) => z.exp() });
    expect(await failingHookChecks(hook)).toEqual([finiteOnExtremes.title]);
  });

  it('catches a fit that keeps the first batch only', async () => {
    const forgets = learnsFrom(['features'], async (rows) => meanOf((await sumsOf(rows)).slice(0, 1)));
    const hook = () =>
      defineHook({
        name: 'forgets',
        fit: () => forgets,
        features: (h, _, { learnt }) => h.minimum(learnt.mean!.cast('float32')),
      });
    expect(await failingHookChecks(hook)).toEqual([fitStreams.title]);
  });

  it('catches logits of another shape', async () => {
    const hook = () => defineHook({ name: 'one class', logits: (z) => z.max(-1, { keepDims: true }) });
    expect(await failingHookChecks(hook)).toEqual([hookShapes.title]);
  });

  it('catches a reshape that makes two rows of one', async () => {
    // The mean over the batch has no derivative, so that none is compared with two numbers an image.
    const logits = (z: Tensor) => z.add(z.mean(0).mul(0)).reshape(['N', 3]).pad(1, 0, 3);
    const hook = () => defineHook({ name: 'halves', logits });
    expect(await failingHookChecks(hook)).toEqual([logitsShape.title]);
  });

  it('catches a look behind the features, where a run has nothing', async () => {
    const hook = () =>
      defineHook({
        name: 'before pooling',
        features: (h) => (h.origin.kind === 'operation' ? h.origin.inputs[0]!.max([2, 3]).mul(0.5) : h),
      });
    expect(await failingHookChecks(hook)).toEqual([hooksFromFile.title]);
  });

  it('catches a derivative that is lost on the way through whole numbers', async () => {
    const hook = () =>
      defineHook({
        name: 'fixed point',
        features: (h) =>
          h
            .mul(2 ** 14)
            .cast('int32')
            .cast('float32')
            .div(2 ** 14),
      });
    expect(await failingHookChecks(hook)).toEqual([hookGradient.title]);
  });

  it('compares no derivative of logits that are said to jump', async () => {
    // Of a whole number times a feature the derivative is that number; a thousandth further it is another one.
    const hook = () =>
      defineHook({ name: 'in steps', features: (h) => h.mul(h.detach().mul(1000).cast('int64').cast('float32')) });
    expect(await failingHookChecks(hook)).toContain(hookGradient.title);
    expect(await failingHookChecks(hook, {}, { jumps: true })).toEqual([]);
  });

  it('finds no fault with a derivative that is refused, here that of a mean over any number of images', async () => {
    const hook = () => defineHook({ name: 'refused', logits: (z) => z.add(z.mean(0).mul(0)) });
    expect(await failingHookChecks(hook)).toEqual([]);
  });
});
