import {
  schemaOf,
  traceHooks,
  traceScore,
  type Fit,
  type FitContext,
  type Learnt,
  type RowBatch,
  type RowStream,
  type Rows,
  type ScorerDefinition,
  type SymbolicScorer,
} from '@farout/core';
import { classMomentsOf, momentsOf, type LabelledBlock } from '@farout/linalg';
import { evaluate } from '@farout/runtime';
import { constant, input } from '@farout/tensor';

/** Rows of numbers. */
export type Numbers = readonly (readonly number[])[];

/** Features (N, D) with their classes, and the last layer. */
export interface Labelled {
  readonly features: Numbers;
  readonly labels: readonly number[];
  readonly head: { readonly weight: Numbers; readonly bias: readonly number[] };
}

/** What a scorer learns from features; its steps read features, what the head reads, which is the same, logits and labels alone. */
export async function learnFrom(scorer: ScorerDefinition, given: Labelled, params: object = {}): Promise<Learnt> {
  const step = scorer.fit!(schemaOf(scorer).parse(params)) as Fit;
  const { head } = given;
  const [weight, features] = [rowsOf(head.weight), rowsOf(given.features)];
  const logits = rowsOf(logitsOf(given));
  const rows = streamOf({
    features,
    headInput: features,
    logits,
    labels: Int32Array.from(given.labels),
  } as unknown as RowBatch);
  const at: FitContext = {
    head: { weight, bias: { data: Float32Array.from(head.bias), shape: [head.bias.length] } },
    classes: head.bias.length,
    seed: 0,
    learnt: {},
    compile: (outputs) => Promise.resolve((inputs) => evaluate(outputs, inputs)),
    signal: new AbortController().signal,
    against: streamOf(),
    moments: async (of, options) => {
      const found = await momentsOf(blocks(rows, of), options?.normalised);
      return { ...found, covariance: found.covariance.data };
    },
    classMoments: async (of, options) => {
      const found = await classMomentsOf(blocks(rows, of), head.bias.length, options?.normalised);
      const { covariance, classMeans, withinClass } = found;
      return { ...found, covariance: covariance.data, classMeans: classMeans.data, withinClass: withinClass.data };
    },
  };
  return step.learn(rows, at);
}

/** What it makes of other features with what it learnt. */
export async function scoresOf(scorer: ScorerDefinition, fit: Labelled, test: Numbers, params: object = {}) {
  const learnt = await learnFrom(scorer, fit, params);
  const head = {
    weight: constant(rowsOf(fit.head.weight)),
    bias: constant({ data: Float32Array.from(fit.head.bias), shape: [fit.head.bias.length] }),
  };
  const view = traceHooks({ features: input('features', ['N', test[0]!.length]), head }, []);
  const part = { definition: scorer as SymbolicScorer, params: schemaOf(scorer).parse(params), learnt };
  const { score } = await evaluate({ score: traceScore(view, part) }, { features: rowsOf(test) });
  return Array.from(score!.data as Float32Array);
}

/** f = W·h + b, summed in float64. */
export const logitsOf = ({ features, head }: Omit<Labelled, 'labels'>): Numbers =>
  features.map((h) => head.weight.map((w, k) => w.reduce((sum, each, d) => sum + each * h[d]!, head.bias[k]!)));

const rowsOf = (numbers: Numbers): Rows => ({
  data: Float32Array.from(numbers.flat()),
  shape: [numbers.length, numbers[0]!.length],
});

const streamOf = (...batches: readonly RowBatch[]): RowStream => ({
  count: batches.length,
  async *[Symbol.asyncIterator]() {
    for (const batch of batches) yield await Promise.resolve(batch);
  },
});

async function* blocks(rows: RowStream, of: string): AsyncGenerator<LabelledBlock> {
  for await (const batch of rows) yield { ...batch[of]!, labels: (batch as RowBatch<'labels'>).labels };
}

/** Labelled features of a network whose classes lie apart, with units that depend on each other; float32, the same for the same seed. */
export function generated(seed: number, [count, width, classes]: readonly [number, number, number]): Labelled {
  const uniform = generator(seed);
  const draw = () => 2 * uniform() - 1;
  const rows = (n: number, size: number, scale: number) =>
    Array.from({ length: n }, () => Array.from({ length: size }, () => scale * draw()));
  const [mixing, centres] = [rows(width, width, 1), rows(classes, width, 4)];
  const labels = Array.from({ length: count }, (_, n) => n % classes);
  const features = rows(count, width, 1).map((noise, n) =>
    mixing.map((mix, d) =>
      Math.fround(mix.reduce((sum, each, e) => sum + each * noise[e]!, centres[labels[n]!]![d]! + 1)),
    ),
  );
  const weight = rows(classes, width, 1).map((row) => row.map(Math.fround));
  return { features, labels, head: { weight, bias: rows(1, classes, 1)[0]!.map(Math.fround) } };
}

/** Numbers in 0..1 from a linear congruence modulo 2³². */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
