import assert from 'node:assert/strict';
import {
  traceHooks,
  traceScore,
  type Learnt,
  type Readings,
  type RowBatch,
  type RowsScorer,
  type ScorerDefinition,
  type TraceableNetwork,
} from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { assertClose, assertGradient } from '../assertions.ts';
import { learn, namedRows, readingArrays, type Fitted, type Subject } from '../learning.ts';
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
import { generatedSample, sliceSample, sureAndFlat } from '../sample.ts';
import type { Check } from '../test-runner.ts';
import { partChecks } from './part.ts';

/** A scorer under test. */
interface ScorerSubject extends Subject {
  /** The score in a network, as a tensor, (N), with or without stored readings; absent for a row scorer. */
  readonly trace?: (network: TraceableNetwork, learnt: Learnt, readings?: Readings) => Tensor;
  /** The author's reason why the kit has no confident image for it. */
  readonly noSureImage?: string | undefined;
}

/** What a scorer's author declares about it. */
export interface ScorerSaid {
  readonly noSureImage?: string;
}

/** A scorer under test: symbolic scorers are traced and evaluated as in a run, row scorers are called on the rows. */
export function scorerSubject(definition: ScorerDefinition, params: Parameters, said: ScorerSaid = {}): ScorerSubject {
  const { noSureImage } = said;
  if ('rows' in definition) return { ...rowsSubject(definition, params), noSureImage };
  const trace: ScorerSubject['trace'] = (network, learnt, readings) =>
    traceScore(traceHooks(network, []), { definition, params, learnt, ...(readings && { readings }) });
  const compute: Subject['compute'] = async (sample, { learnt }) => {
    const { readings, feeds } = storedReadings(sample.readings ?? {});
    const score = trace(networkTensors(sample), learnt, sample.readings && readings);
    return (await computed({ score }, { image: imagesOf(sample), ...feeds })).score!;
  };
  return { definition, params, noSureImage, trace, compute };
}

function rowsSubject(definition: RowsScorer, params: Parameters): ScorerSubject {
  const { reads, prepare } = definition.rows(params);
  const prepared = new WeakMap<Fitted, ReturnType<typeof prepare>>();
  const ready = (fitted: Fitted) => {
    const known = prepared.get(fitted) ?? prepare(fitted.at);
    prepared.set(fitted, known);
    return known;
  };
  const compute: Subject['compute'] = async (sample, fitted) => {
    const score = await ready(fitted);
    const rows = await namedRows({ definition, params }, sample, reads, fitted.learnt);
    const data = await score(rows as RowBatch);
    return { data, shape: [data.length] };
  };
  return { definition, params, scores: reads, compute };
}

/** One float32 score per image, for any number of them. */
export const scoreShape: Check<Subject> = {
  title: 'returns one float32 score per image',
  run: async (subject) => {
    const fitted = await learn(subject, generatedSample());
    for (const count of [1, 3]) {
      const { data, shape } = await subject.compute(sliceSample(generatedSample(), 0, count), fitted);
      assert.ok(data instanceof Float32Array, `the scores are no Float32Array but ${data.constructor.name}`);
      assert.deepEqual([...shape], [count]);
    }
  },
};

/** Everywhere in farout a higher score means more in-distribution; papers differ, so it is easy to get the sign wrong. */
export const sureAboveFlat: Check<ScorerSubject> = {
  title: 'scores a confident in-distribution image above a flat one',
  applies: ({ noSureImage }) => noSureImage ?? true,
  run: async (subject) => {
    const fitted = await learn(subject, generatedSample());
    const [sure, flat] = (await subject.compute(sureAndFlat(), fitted)).data;
    assert.ok(sure! > flat!, `the sure image scores ${String(sure)}, the flat one ${String(flat)}`);
  },
};

const isTraced = ({ trace }: ScorerSubject) => trace !== undefined || 'it is no tensor algebra';

/**
 * A run scores stored features and readings, without access to the image. Only a scorer that reads the image is traced over images. Either
 * graph may be exported to a file that other programs run.
 */
export const scoresFromFile: Check<ScorerSubject> = {
  title:
    'gives the same scores from a file over stored features and readings, or over images if it reads them, run by onnxruntime alone',
  applies: isTraced,
  run: async (subject) => {
    const sample = generatedSample();
    const fitted = await learn(subject, sample);
    const { readings, feeds } = storedReadings(await readingArrays(subject, sample, fitted.learnt));
    const stored = storedNetwork(sample);
    const score = subject.trace!(stored, fitted.learnt, readings);
    const found = stored.readsImages()
      ? runFile(subject.trace!(networkTensors(sample), fitted.learnt), { image: imagesOf(sample) })
      : runFile(score, { features: sample.features, ...feeds });
    assertClose((await found).data, (await subject.compute(sample, fitted)).data, 'scores of the file');
  },
};

/** There are few operations between an image and its score, so rounding and curvature stay far below this. */
const tolerance = 0.01;

/** Saliency maps and attacks differentiate scores. The images differ from the fit set's, at which learnt kinks may lie. */
export const scoreGradient: Check<ScorerSubject> = {
  title:
    'has a gradient that agrees with finite differences of its scores along random directions of the image, or rejects differentiation',
  applies: isTraced,
  run: async (subject) => {
    const { learnt } = await learn(subject, generatedSample());
    const sample = generatedSample(2);
    const network = networkTensors(sample);
    const score = subject.trace!(network, learnt);
    await assertGradient(score, network.images.image, unequalImagesOf(sample), tolerance);
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
