import assert from 'node:assert/strict';
import { traceHooks, type HookDefinition, type Learnt, type ScoreContext, type TraceableNetwork } from '@farout/core';
import { evaluate } from '@farout/runtime';
import { assertClose, assertGradient, weightedSum } from '../assertions.ts';
import { imagesOf, networkTensors, runFile, storedNetwork, unequalImagesOf } from '../network.ts';
import type { Parameters } from '../parameters.ts';
import { generatedSample, sliceSample } from '../sample.ts';
import type { Check } from '../test-runner.ts';
import { learn, partChecks, type Subject } from './part.ts';

/** A hook under test, seen through a network that it is hooked into. */
interface HookSubject extends Subject {
  /** A network with the hook, as tensors. */
  readonly trace: (network: TraceableNetwork, learnt: Learnt) => ScoreContext;
}

/** A hook under test: hooked into the sample's network and evaluated as in a run. */
export function hookSubject(definition: HookDefinition, params: Parameters): HookSubject {
  const trace: HookSubject['trace'] = (network, learnt) => traceHooks(network, [{ definition, params, learnt }]);
  return {
    definition,
    params,
    trace,
    compute: async (sample, learnt) => {
      const { logits } = trace(networkTensors(sample), learnt);
      return (await evaluate({ logits }, { image: imagesOf(sample) })).logits!;
    },
  };
}

/** Hooks rewrite numbers, not shapes: the next hook and the scorer find (N, D), (K, D), (K) and (N, K) as before. */
export const hookShapes: Check<HookSubject> = {
  title: 'keeps the shapes of features, head and logits',
  run: async (subject) => {
    const sample = generatedSample();
    const network = networkTensors(sample);
    const { features, head } = network;
    const bare = { features, head, logits: features.linear(head.weight, head.bias) };
    assert.deepEqual(shapesOf(subject.trace(network, await learn(subject, sample))), shapesOf(bare));
  },
};

const shapesOf = ({ features, head, logits }: Pick<ScoreContext, 'features' | 'head' | 'logits'>) =>
  Object.entries({ features, weight: head.weight, bias: head.bias, logits }).map(
    ([name, { dtype, shape }]) => `${name}: ${dtype} (${shape.join(', ')})`,
  );

/** A reshape to (N, …) takes for N what is left, and that need not be the number of images. */
export const logitsShape: Check<HookSubject> = {
  title: 'computes logits of the shape that it declares',
  run: async (subject) => {
    const sample = generatedSample();
    const learnt = await learn(subject, sample);
    const [batch, ...declared] = subject.trace(networkTensors(sample), learnt).logits.shape;
    assert.equal(batch, 'N', 'the size of the first axis is not the number of images');
    for (const count of [1, 3]) {
      const { shape } = await subject.compute(sliceSample(sample, 0, count), learnt);
      assert.deepEqual([...shape], [count, ...declared]);
    }
  },
};

/** A run hooks into stored features: nothing of the network before them is there to look at. */
export const hooksFromFile: Check<HookSubject> = {
  title: 'gives the same logits from a file over stored features that onnxruntime runs alone',
  run: async (subject) => {
    const sample = generatedSample();
    const learnt = await learn(subject, sample);
    const { logits } = subject.trace(storedNetwork(sample), learnt);
    const found = await runFile(logits, { features: sample.features });
    assertClose(found.data, (await subject.compute(sample, learnt)).data, 'logits of the file');
  },
};

/** Few operations lie between an image and its logits: rounding and curvature stay far below this. */
const tolerance = 0.01;

/** ODIN's gradient goes through the hooks. The images are not those of the fit, where a learnt corner may lie. */
export const hookGradient: Check<HookSubject> = {
  title: 'has the gradient that its logits show along random directions of the image, or refuses it',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const sample = generatedSample(2);
    const network = networkTensors(sample);
    const { logits } = subject.trace(network, learnt);
    await assertGradient(weightedSum(logits), network.images.image, unequalImagesOf(sample), tolerance);
  },
};

/** The contract of a hook. */
export const hookChecks: readonly Check<HookSubject>[] = [
  ...partChecks,
  hookShapes,
  logitsShape,
  hooksFromFile,
  hookGradient,
];
