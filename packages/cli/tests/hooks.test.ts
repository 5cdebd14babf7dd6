import { describe, expect, it } from '@jest/globals';
import {
  schemaOf,
  stagedNetwork,
  traceHooks,
  traceReadings,
  traceScore,
  type FitContext,
  type HookDefinition,
  type Learnt,
  type ScorerDefinition,
  type SymbolicScorer,
  type TraceableNetwork,
} from '@farout/core';
import { hooks } from '@farout/hooks';
import { writeOnnx } from '@farout/onnx';
import { evaluate, openSession, type Arrays } from '@farout/runtime';
import { odin, scorers } from '@farout/scorers';
import { constant, input, type NDArray } from '@farout/tensor';

type Params = Readonly<Record<string, unknown>>;

/** Parameters for a network of few channels, and thresholds in the midst of its features. */
const own: Readonly<Record<string, Params>> = {
  react: { percentile: 80 },
  'ash-p': { percentile: 50 },
  'ash-b': { percentile: 50 },
  'ash-s': { percentile: 50 },
  lts: { percentile: 50 },
  'vra-p': { percentiles: [20, 80] },
  davis: { pool: 'mean-std' },
  'adascale-a': { k1: 40, k2: 20 },
  'adascale-l': { k1: 40, k2: 20 },
  line: { c: 1 },
  // At the end of each bin the logits jump, where differences say nothing.
  optfs: { bins: 1 },
};

/** A percentile that follows the image is a constant to derivatives, but not to differences. */
const steady: Readonly<Record<string, Params>> = {
  'adascale-a': { ...own['adascale-a'], percentiles: [50, 50] },
  'adascale-l': { ...own['adascale-l'], percentiles: [50, 50] },
};

const [channels, classes, side] = [12, 4, 6];
const definitions = hooks.hooks!.map((hook) => [hook.name, hook] as const);

/** Numbers between 0 and 1 that follow from a seed. */
function draws(seed: number, shape: readonly number[], value = (u: number) => u) {
  let state = seed;
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return value(state / 2 ** 32);
  });
  return { data, shape };
}
const noise = (u: number) => 2 * u - 1;

const head = {
  weight: draws(3, [classes, channels], noise),
  bias: draws(4, [classes], noise),
};
const headTensors = { weight: constant(head.weight), bias: constant(head.bias) };

/** A hook that has learnt, as it is traced. */
const part = (definition: HookDefinition, learnt: Learnt = {}, params = paramsOf(definition)) => ({
  definition,
  params,
  learnt,
});

const paramsOf = (definition: HookDefinition, given = own) => schemaOf(definition).parse(given[definition.name] ?? {});

/** What a hook learns of these rows, as a host would let it. */
async function learn(
  definition: HookDefinition,
  rows: Arrays,
  { weight = head.weight, params = paramsOf(definition) }: { weight?: NDArray; params?: Params } = {},
): Promise<Learnt> {
  const count = rows.features!.shape[0]!;
  const block = { ...rows, labels: Int32Array.from({ length: count }, (_, i) => i % classes) };
  const stream = {
    count,
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(block);
    },
  };
  const at = {
    head: { ...head, weight },
    classes,
    compile: (outputs: Parameters<typeof evaluate>[0]) => (inputs: Arrays) => evaluate(outputs, inputs),
    signal: new AbortController().signal,
  } as unknown as FitContext;
  const steps = definition.fit?.(params) ?? [];
  let learnt: Learnt = {};
  for (const step of 'learn' in steps ? [steps] : steps)
    learnt = { ...learnt, ...(await step.learn(stream as never, { ...at, learnt })) };
  return learnt;
}

describe('ODIN behind a hook', () => {
  const kernels = [draws(1, [channels, 3, 3, 3], noise), draws(2, [channels, channels, 3, 3], (u) => noise(u) / 3)].map(
    (each) => constant(each),
  );
  const network = stagedNetwork(
    new Map([
      ['first', (x) => x.conv(kernels[0]!, { padding: 1 }).relu()],
      ['second', (x) => x.conv(kernels[1]!, { padding: 1 }).relu()],
    ]),
  );
  const image = input('image', ['N', 3, side, side]);
  const std = constant({ data: Float32Array.of(1, 1, 1), shape: [3, 1, 1] });
  const traceable = {
    features: network.features(image),
    head: headTensors,
    images: { image, std, backbone: network },
  };
  const images = draws(6, [2, 3, side, side], noise);
  const pixels = 3 * side * side;
  const epsilon = 0.01;

  it.each(definitions)('%s goes where differences of its loss lead', async (_, definition) => {
    const bare = traceHooks(traceable, []);
    const { features, headInput, logits } = bare;
    const rows = { features, headInput, logits, ...traceReadings(bare, part(definition), 'first') };
    const learnt = await learn(definition, await evaluate(rows, { image: draws(5, [40, 3, side, side], noise) }));
    const params = definition.name in steady ? paramsOf(definition, steady) : paramsOf(definition);
    const view = traceHooks(traceable, [part(definition, learnt, params)]);
    const logitsOf = async (x: NDArray) => rowsOf((await evaluate({ f: view.logits }, { image: x })).f!, classes);

    const before = await logitsOf(images);
    const T = Math.max(...before.flat().map(Math.abs));
    const score = traceScore(view, {
      definition: odin as SymbolicScorer,
      params: schemaOf(odin).parse({ temperature: T, magnitude: epsilon }),
      learnt: {},
    });
    const found = numbers((await evaluate({ score }, { image: images })).score!);

    for (const [i, row] of before.entries()) {
      const y = row.indexOf(Math.max(...row));
      const one = images.data.subarray(i * pixels, (i + 1) * pixels);
      const loss = (f: readonly number[]) => -Math.log(softmax(f, T)[y]!);
      const moved = await logitsOf(stepsAlongPixels(one));
      const stepped = one.map(
        (value, p) => value - epsilon * (loss(moved[2 * p]!) - loss(moved[2 * p + 1]!) >= 0 ? 1 : -1),
      );
      const [after] = await logitsOf({ data: stepped, shape: [1, 3, side, side] });
      const [from, to] = [Math.max(...softmax(row, T)), Math.max(...softmax(after!, T))];
      expect(to - from).toBeGreaterThan(1e-4);
      // A pixel whose slope is next to 0, or at a corner, may go either way.
      expect(Math.abs(found[i]! - to)).toBeLessThan(0.05 * (to - from));
    }
  });

  /** The image with each pixel raised, and lowered, by a little: (2 · pixels, 3, H, W). */
  function stepsAlongPixels(one: Float32Array) {
    const data = new Float32Array(2 * pixels * pixels);
    for (let p = 0; p < pixels; p++) {
      for (const [which, by] of [0.002, -0.002].entries()) {
        data.set(one, (2 * p + which) * pixels);
        data[(2 * p + which) * pixels + p]! += by;
      }
    }
    return { data, shape: [2 * pixels, 3, side, side] };
  }
});

const softmax = (f: readonly number[], T: number) => {
  const top = Math.max(...f);
  const e = f.map((each) => Math.exp((each - top) / T));
  const sum = e.reduce((a, b) => a + b);
  return e.map((each) => each / sum);
};

const numbers = ({ data }: NDArray) => Array.from(data as Float32Array);

const rowsOf = (array: NDArray, width: number) =>
  Array.from({ length: array.data.length / width }, (_, i) => numbers(array).slice(i * width, (i + 1) * width));

/** Features of a network that are stored: rows of the fit set, and rows to score. */
const stored = (seed: number, count: number) => {
  const features = draws(seed, [count, channels], (u) => -Math.log(1 - 0.999 * u));
  const logits = draws(seed + 1, [count, classes], noise);
  const moved = draws(seed + 2, [count, channels], (u) => -Math.log(1 - 0.999 * u));
  return { features, headInput: features, logits, perturbed: moved, pooled: moved };
};
const fitRows = stored(10, 60);
const testRows = stored(20, 5);

const network = (weight: NDArray = head.weight): TraceableNetwork => ({
  features: input('features', ['N', channels]),
  head: { ...headTensors, weight: constant(weight) },
});

const readings = {
  perturbed: input('perturbed', ['N', channels]),
  pooled: input('pooled', ['N', channels]),
};

/** Computes tensors of the test rows. */
async function compute(outputs: Parameters<typeof evaluate>[0], rows: Arrays = testRows): Promise<Arrays> {
  const session = await openSession(writeOnnx(outputs), { threads: 1 });
  try {
    return await session.run(Object.fromEntries(Object.entries(rows).filter(([name]) => name in session.inputs)));
  } finally {
    await session.release();
  }
}

describe('a hook', () => {
  it.each(definitions)('%s does not care in what order the units stand', async (_, definition) => {
    const order = Array.from({ length: channels }, (_, d) => (5 * d + 3) % channels);
    const permuted = ({ data, shape }: NDArray): NDArray =>
      shape.at(-1) === channels
        ? {
            data: Float32Array.from(data as Float32Array, (_, i) =>
              Number(data[i - (i % channels) + order[i % channels]!]),
            ),
            shape,
          }
        : { data, shape };
    const all = (rows: Arrays) =>
      Object.fromEntries(Object.entries(rows).map(([name, each]) => [name, permuted(each)]));
    const logits = async (weight: NDArray, fit: Arrays, test: Arrays) => {
      const learnt = await learn(definition, fit, { weight });
      const view = traceHooks(network(weight), [{ ...part(definition, learnt), readings }]);
      return numbers((await compute({ f: view.logits }, test)).f!);
    };
    const expected = await logits(head.weight, fitRows, testRows);
    const found = await logits(permuted(head.weight), all(fitRows), all(testRows));
    const size = Math.max(...expected.map(Math.abs));
    found.forEach((each, i) => {
      expect(Math.abs(each - expected[i]!)).toBeLessThan(1e-5 * size);
    });
  });

  const symbolic = (scorer: ScorerDefinition): scorer is SymbolicScorer => 'score' in scorer && !scorer.fit;
  const onFeatures = scorers.scorers!.filter((scorer) => symbolic(scorer) && !readsImages(scorer));

  it.each(definitions)('%s stands in front of any scorer', async (_, definition) => {
    const learnt = await learn(definition, fitRows);
    const view = traceHooks(network(), [{ ...part(definition, learnt), readings }]);
    for (const scorer of onFeatures) {
      const score = traceScore(view, {
        definition: scorer as SymbolicScorer,
        params: schemaOf(scorer).parse({}),
        learnt: {},
      });
      const scores = numbers((await compute({ score })).score!);
      expect([scorer.name, scores.filter(Number.isFinite)]).toEqual([scorer.name, scores]);
    }
  });

  function readsImages(scorer: ScorerDefinition): boolean {
    try {
      traceScore(traceHooks(network(), []), {
        definition: scorer as SymbolicScorer,
        params: schemaOf(scorer).parse({}),
        learnt: {},
      });
      return false;
    } catch {
      return true;
    }
  }

  const rewriting = definitions.filter(([, { features, first, readings }]) => features && !first && !readings);
  it.each(rewriting.flatMap(([one, a]) => rewriting.map(([other, b]) => [one, other, a, b] as const)))(
    '%s in front of %s comes first',
    async (_, __, a, b) => {
      const first = await learn(a, fitRows);
      const firstView = traceHooks(network(), [part(a, first)]);
      const behind = (await compute({ h: firstView.features }, fitRows)).h!;
      const second = await learn(b, { ...fitRows, features: behind, headInput: behind });
      const both = traceHooks(network(), [part(a, first), part(b, second)]);
      const between = (await compute({ h: firstView.features })).h!;
      const alone = traceHooks(network(), [part(b, second)]);
      const expected = await compute({ h: alone.features }, { features: between });
      expect((await compute({ h: both.features })).h).toEqual(expected.h);
    },
  );

  it.each([
    ['react', { c: 1e6 }],
    ['ash-p', { percentile: 0 }],
    ['lts', { percentile: 0 }],
    ['vra-p', { low: -1e6, high: 1e6 }],
    ['bats', { lambda: 1e6 }],
  ])('%s leaves the network as it is with %j', async (name, given) => {
    const definition = new Map(definitions).get(name)!;
    const params = schemaOf(definition).parse(given);
    const learnt = await learn(definition, fitRows, { params });
    const hooked = traceHooks(network(), [part(definition, learnt, params)]);
    const expected = numbers((await compute({ f: traceHooks(network(), []).logits })).f!);
    const found = numbers((await compute({ f: hooked.logits })).f!);
    expect(found).toEqual(expected.map((each) => expect.closeTo(each, 5) as unknown));
  });
});
