import assert from 'node:assert/strict';
import {
  traceHooks,
  type HookDefinition,
  type Learnt,
  type NetworkView,
  type Readings,
  type TraceableNetwork,
} from '@farout/core';
import { assertClose, assertGradient, weightedSum } from '../assertions.ts';
import { learn, readingArrays, type Subject } from '../learning.ts';
import {
  computed,
  imagesOf,
  networkTensors,
  runFile,
  storedNetwork,
  storedReadings,
  unequalImagesOf,
} from '../network.ts';
import type { Parameters } from '../parameters.ts';
import { generatedSample, sliceSample } from '../sample.ts';
import type { Check } from '../test-runner.ts';
import { partChecks } from './part.ts';

/** A hook under test, applied to a network. */
interface HookSubject extends Subject {
  /** A network with the hook, as tensors, with or without stored readings. */
  readonly trace: (network: TraceableNetwork, learnt: Learnt, readings?: Readings) => NetworkView;
  /** Whether its author declares that its logits are discontinuous at many values. */
  readonly jumps: boolean;
}

interface HookOptions {
  readonly jumps?: boolean;
}

/** A hook under test, applied to the sample's network and evaluated as in a run. */
export function hookSubject(
  definition: HookDefinition,
  params: Parameters,
  { jumps = false }: HookOptions = {},
): HookSubject {
  const trace: HookSubject['trace'] = (network, learnt, readings) =>
    traceHooks(network, [{ definition, params, learnt, ...(readings && { readings }) }]);
  const compute: Subject['compute'] = async (sample, { learnt }) => {
    const { readings, feeds } = storedReadings(sample.readings ?? {});
    const { logits } = trace(networkTensors(sample), learnt, sample.readings && readings);
    return (await computed({ logits }, { image: imagesOf(sample), ...feeds })).logits!;
  };
  return { definition, params, jumps, trace, compute };
}

/** Hooks rewrite values, not shapes: the next hook and the scorer expect (N, D), (K, D), (K) and (N, K) as before. */
export const hookShapes: Check<HookSubject> = {
  title: 'keeps the shapes of features, head and logits',
  run: async (subject) => {
    const sample = generatedSample();
    const network = networkTensors(sample);
    const { features, head } = network;
    const bare = { features, head, logits: features.linear(head.weight, head.bias) };
    const { learnt } = await learn(subject, sample);
    assert.deepEqual(shapesOf(subject.trace(network, learnt)), shapesOf(bare));
  },
};

const shapesOf = ({ features, head, logits }: Pick<NetworkView, 'features' | 'head' | 'logits'>) =>
  Object.entries({ features, weight: head.weight, bias: head.bias, logits }).map(
    ([name, { dtype, shape }]) => `${name}: ${dtype} (${shape.join(', ')})`,
  );

/** A reshape to (N, …) infers N from the other sizes, which need not be the number of images. */
export const logitsShape: Check<HookSubject> = {
  title: 'computes logits of the shape that it declares',
  run: async (subject) => {
    const sample = generatedSample();
    const fitted = await learn(subject, sample);
    const [batch, ...declared] = subject.trace(networkTensors(sample), fitted.learnt).logits.shape;
    assert.equal(batch, 'N', 'the size of the first axis is not the number of images');
    for (const count of [1, 3]) {
      const { shape } = await subject.compute(sliceSample(sample, 0, count), fitted);
      assert.deepEqual([...shape], [count, ...declared]);
    }
  },
};

/** A run applies hooks to stored features and readings, without access to the image. Only a hook on maps is traced over images. */
export const hooksFromFile: Check<HookSubject> = {
  title:
    'gives the same logits from a file over stored features and readings, or over images if it rewrites maps, run by onnxruntime alone',
  run: async (subject) => {
    const sample = generatedSample();
    const fitted = await learn(subject, sample);
    const { readings, feeds } = storedReadings(await readingArrays(subject, sample, fitted.learnt));
    const stored = storedNetwork(sample);
    const { logits } = subject.trace(stored, fitted.learnt, readings);
    const found = stored.readsImages()
      ? runFile(subject.trace(networkTensors(sample), fitted.learnt).logits, { image: imagesOf(sample) })
      : runFile(logits, { features: sample.features, ...feeds });
    assertClose((await found).data, (await subject.compute(sample, fitted)).data, 'logits of the file');
  },
};

/** There are few operations between an image and its logits, so rounding and curvature stay far below this. */
const tolerance = 0.01;

/** ODIN's gradient passes through the hooks. The images differ from the fit set's, at which learnt kinks may lie. */
export const hookGradient: Check<HookSubject> = {
  title:
    'has a gradient that agrees with finite differences of its logits along random directions of the image, or rejects differentiation',
  applies: ({ jumps }) => !jumps || 'its logits jump',
  run: async (subject) => {
    const { learnt } = await learn(subject, generatedSample());
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
