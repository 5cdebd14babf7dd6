import assert from 'node:assert/strict';
import { traceHooks, traceScore, type Learnt, type ScorerDefinition, type TraceableNetwork } from '@farout/core';
import { evaluate } from '@farout/runtime';
import type { Tensor } from '@farout/tensor';
import { assertClose, assertGradient } from '../assertions.ts';
import { imagesOf, networkTensors, runFile, storedNetwork, unequalImagesOf } from '../network.ts';
import type { Parameters } from '../parameters.ts';
import { generatedSample, sliceSample, sureAndFlat, type Sample } from '../sample.ts';
import type { Check } from '../test-runner.ts';
import { learn, partChecks, type Subject } from './part.ts';

/** A scorer under test. */
interface ScorerSubject extends Subject {
  /** The score in a network, as a tensor, (N); absent for a scorer over rows. */
  readonly trace?: (network: TraceableNetwork, learnt: Learnt) => Tensor;
}

/** A scorer under test: symbolic ones are traced and evaluated as in a run, the others called on the rows. */
export function scorerSubject(definition: ScorerDefinition, params: Parameters): ScorerSubject {
  if ('scoreRows' in definition) {
    const compute: Subject['compute'] = async ({ features, logits }, learnt) => {
      const data = await definition.scoreRows({ features, logits }, params, learnt);
      return { data, shape: [data.length] };
    };
    return { definition, params, compute };
  }
  const trace: ScorerSubject['trace'] = (network, learnt) =>
    traceScore(traceHooks(network, []), { definition, params, learnt });
  const compute: Subject['compute'] = async (sample, learnt) => {
    const score = trace(networkTensors(sample), learnt);
    return (await evaluate({ score }, { image: imagesOf(sample) })).score!;
  };
  return { definition, params, trace, compute };
}

/** One float32 score per image, for any number of them. */
export const scoreShape: Check<Subject> = {
  title: 'returns one float32 score per image',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    for (const count of [1, 3]) {
      const { data, shape } = await subject.compute(sliceSample(generatedSample(), 0, count), learnt);
      assert.ok(data instanceof Float32Array, `the scores are no Float32Array but ${data.constructor.name}`);
      assert.deepEqual([...shape], [count]);
    }
  },
};

/** Everywhere in farout a higher score means more in-distribution; papers differ, so the sign is easily wrong. */
export const sureAboveFlat: Check<Subject> = {
  title: 'scores an in-distribution image of which the network is sure above a flat one',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const [sure, flat] = (await subject.compute(sureAndFlat(), learnt)).data;
    assert.ok(sure! > flat!, `the sure image scores ${String(sure)}, the flat one ${String(flat)}`);
  },
};

/**
 * A run scores stored features: there is no way back from them to the image. Only a scorer that asks for the image is
 * traced over images. Either graph may lie in a file that something else than farout runs.
 */
export const scoresFromFile: Check<ScorerSubject> = {
  title: 'scores the same from a file over stored features, or over images if it reads them, run by onnxruntime alone',
  run: async (subject) => {
    const sample = generatedSample();
    const learnt = await learn(subject, sample);
    const inFile = subject.trace && runTraced(subject.trace, sample, learnt);
    if (inFile) assertClose((await inFile).data, (await subject.compute(sample, learnt)).data, 'scores of the file');
  },
};

function runTraced(trace: NonNullable<ScorerSubject['trace']>, sample: Sample, learnt: Learnt) {
  const stored = storedNetwork(sample);
  const score = trace(stored, learnt);
  if (!stored.readsImages()) return runFile(score, { features: sample.features });
  return runFile(trace(networkTensors(sample), learnt), { image: imagesOf(sample) });
}

/** Few operations lie between an image and its score: rounding and curvature stay far below this. */
const tolerance = 0.01;

/** Saliency maps and attacks differentiate scores. The images are not those of the fit, where a learnt corner may lie. */
export const scoreGradient: Check<ScorerSubject> = {
  title: 'has the gradient that its scores show along random directions of the image, or refuses it',
  run: async (subject) => {
    const learnt = await learn(subject, generatedSample());
    const sample = generatedSample(2);
    const network = networkTensors(sample);
    const score = subject.trace?.(network, learnt);
    if (score) await assertGradient(score, network.images.image, unequalImagesOf(sample), tolerance);
  },
};

/** The contract of a scorer. */
export const scorerChecks: readonly Check<ScorerSubject>[] = [
  ...partChecks,
  scoreShape,
  sureAboveFlat,
  scoresFromFile,
  scoreGradient,
];
