import { describe, expect, it } from '@jest/globals';
import { defineScorer, learnsFrom, remembers, scoresFrom, type Fit, type Rows, type RowStream } from '@farout/core';
import { constant, input } from '@farout/tensor';
import { batchesReused, fitMemory, fitStreams, seedDecides } from '../../src/checks/fit.ts';
import { inputUntouched } from '../../src/checks/part.ts';
import { failingScorerChecks } from '../parts/failing-checks.ts';
import { meanOf, sumsOf } from '../parts/mean-of-features.ts';

const scorer = (name: string, fit: () => Fit | readonly Fit[]) => () =>
  defineScorer({ name, fit, score: ({ logits }) => logits.max() });

const scalar = (value: number) => ({ data: Float64Array.of(value), shape: [] });

/** Minus the distance to the nearest row of a bank that is kept whole, a block after the other. */
function distances(bank: readonly Rows[]) {
  const others = bank.flatMap(({ data, shape: [count, width] }) =>
    Array.from({ length: count }, (_, row) => data.subarray(row * width, (row + 1) * width)),
  );
  return ({ features: { data, shape } }: { readonly features: Rows }) =>
    Float32Array.from({ length: shape[0] }, (_, n) => {
      const row = data.subarray(n * shape[1], (n + 1) * shape[1]);
      return -Math.min(...others.map((other) => Math.hypot(...row.map((value, i) => value - other[i]!))));
    });
}

describe('the contract of a fit', () => {
  it('gives a step with a set of its own other images, and another number of them', async () => {
    const seen: number[][] = [];
    const note = async (rows: RowStream<'features' | 'labels'>) => {
      let sum = 0;
      for await (const { features } of rows) for (const each of features.data) sum += each;
      seen.push([rows.count, sum]);
      return {};
    };
    const reads = ['features', 'labels'] as const;
    const steps = [learnsFrom(reads, note), learnsFrom(reads, note, { set: 'clean' }), learnsFrom(reads, note)];
    await failingScorerChecks(scorer('two sets', () => steps));
    const [first, second, third] = seen;
    expect([first![0], second![0]]).toEqual([36, 30]);
    expect(third).toEqual(first);
  });

  it('finds no fault with steps that compile, read the head, and what earlier ones learnt', async () => {
    const learn = learnsFrom(['features'], async (rows, { compile, head, classes }) => {
      const run = await compile({ logits: input('h', ['N', 7]).linear(constant(head.weight), constant(head.bias)) });
      let sum = 0;
      for await (const { features } of rows) {
        const { logits } = await run({ h: features });
        for (const value of logits!.data as Float32Array) sum += value / classes;
      }
      return { mean: scalar(sum / rows.count) };
    });
    const spread = learnsFrom(['logits', 'labels'], async (rows, { learnt }) => {
      let sum = 0;
      for await (const { logits, labels } of rows)
        for (let n = 0; n < labels.length; n++)
          sum += (logits.data[n * logits.shape[1] + labels[n]!]! - Number(learnt.mean!.data[0])) ** 2;
      return { spread: scalar(Math.sqrt(sum / rows.count)) };
    });
    const standardised = () =>
      defineScorer({
        name: 'standardised',
        fit: () => [learn, spread],
        score: ({ logits }, _, { learnt }) =>
          logits.max().sub(learnt.mean!.cast('float32')).div(learnt.spread!.cast('float32')),
      });
    expect(await failingScorerChecks(standardised)).toEqual([]);
  });

  it('finds no fault with a bank that is read as a stream', async () => {
    const nearest = () =>
      defineScorer({
        name: 'nearest',
        fit: () => remembers(['features']),
        rows: () =>
          scoresFrom(['features'], async ({ bank }) => {
            const kept: Rows[] = [];
            for await (const { features } of bank) kept.push({ ...features!, data: features!.data.slice() });
            return distances(kept);
          }),
      });
    expect(await failingScorerChecks(nearest)).toEqual([]);
  });

  it('catches a bank whose batches are kept', async () => {
    const nearest = () =>
      defineScorer({
        name: 'keeps batches',
        fit: () => remembers(['features']),
        rows: () =>
          scoresFrom(['features'], async ({ bank }) => {
            const kept: Rows[] = [];
            for await (const { features } of bank) kept.push(features!);
            return distances(kept);
          }),
      });
    expect(await failingScorerChecks(nearest)).toEqual([batchesReused.title]);
  });

  it('catches a fit that keeps a batch beyond the next one', async () => {
    const lags = learnsFrom(['features'], async (rows) => {
      let [sum, last]: [number, Float32Array] = [0, new Float32Array()];
      for await (const { features } of rows) {
        sum += last.reduce((a, b) => a + b, 0);
        last = features.data;
      }
      return { sum: scalar(sum + last.reduce((a, b) => a + b, 0)) };
    });
    expect(await failingScorerChecks(scorer('lags', () => lags))).toEqual([batchesReused.title]);
  });

  it('catches a fit that writes into a batch', async () => {
    const scales = learnsFrom(['features'], async (rows) => {
      let sum = 0;
      for await (const { features } of rows) {
        features.data.forEach((value, i) => (features.data[i] = value / 2));
        sum += features.data.reduce((a, b) => a + b, 0);
      }
      return { mean: scalar((2 * sum) / rows.count) };
    });
    expect(await failingScorerChecks(scorer('scales', () => scales))).toEqual([inputUntouched.title]);
  });

  it.each<[string, (features: Rows) => ArrayLike<unknown>]>([
    ['all rows', ({ data }) => data.slice()],
    ['a number of each image', ({ data, shape }) => data.slice(0, shape[0])],
  ])('catches a fit that keeps %s, whatever it learns', async (_, kept) => {
    const hoards = learnsFrom(['features'], async (rows) => {
      const all: ArrayLike<unknown>[] = [];
      for await (const { features } of rows) all.push(kept(features));
      return { any: scalar(Math.min(1, all.length)) };
    });
    expect(await failingScorerChecks(scorer('hoards', () => hoards))).toEqual([fitMemory.title]);
  });

  it('finds no fault with a sample of the images that is bounded', async () => {
    const sample = learnsFrom(['features'], async (rows) => {
      const kept: Float32Array[] = [];
      for await (const { features } of rows) if (kept.length < 20) kept.push(features.data.slice(0, 7));
      return { most: scalar(Math.max(...kept[0]!)) };
    });
    expect(await failingScorerChecks(scorer('samples', () => sample))).toEqual([]);
  });

  it('finds no fault with one that draws and says so, and catches one that does not say so', async () => {
    const draws = learnsFrom(['features'], (_, { seed }) => ({ drawn: scalar(Math.sin(seed)) }));
    const silent = scorer('draws', () => draws);
    expect(await failingScorerChecks(silent)).toContain(seedDecides.title);
    expect(await failingScorerChecks(() => ({ ...silent(), draws: true }))).toEqual([]);
  });

  it('catches one that says that it draws and does not', async () => {
    const mean = learnsFrom(['features'], async (rows) => meanOf(await sumsOf(rows)));
    const loud = scorer('draws nothing', () => mean);
    expect(await failingScorerChecks(() => ({ ...loud(), draws: true }))).toEqual([seedDecides.title]);
  });

  it('sees what a scorer draws while it prepares', async () => {
    const noise = () =>
      defineScorer({
        name: 'noise',
        rows: () =>
          scoresFrom(
            ['logits'],
            ({ seed }) =>
              ({ logits: { data, shape } }) =>
                Float32Array.from({ length: shape[0] }, (_, n) => data[n * shape[1]]! + Math.sin(seed) / 100),
          ),
      });
    expect(await failingScorerChecks(noise)).toContain(seedDecides.title);
    expect(await failingScorerChecks(() => ({ ...noise(), draws: true }))).toEqual([]);
  });

  it('catches a step that depends on how the one before it was cut', async () => {
    const first = learnsFrom(['features'], async (rows) => meanOf((await sumsOf(rows)).slice(0, 1)));
    const second = learnsFrom(['logits'], (_, { learnt }) => ({ twice: scalar(2 * Number(learnt.mean!.data[0])) }));
    expect(await failingScorerChecks(scorer('two steps', () => [first, second]))).toEqual([fitStreams.title]);
  });
});
