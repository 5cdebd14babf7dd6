import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, learnsFrom, type RowBatch } from '@farout/core';
import { constant } from '@farout/tensor';
import type { Detector } from '../../src/experiment.ts';
import { advance, type Fitting } from '../../src/fit/fit.ts';
import { LearntStore } from '../../src/fit/learnt.ts';
import { Preparation } from '../../src/fit/preparation.ts';
import type { FittedDetector } from '../../src/fit/rows.ts';
import { Entries } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { rowSetOf } from '../fixtures/row-set.ts';
import { part, silent, temporaryFolder } from '../fixtures/tiny.ts';

const features = [
  [1, -2],
  [3, 4],
  [-5, 6],
];
const weight = Float32Array.of(1, 2, 0, 1);

async function fittingOf(labels: readonly (number | undefined)[] = [0, 1, 1]): Promise<Fitting> {
  const folder = await temporaryFolder();
  const store = new FileStore(path.join(folder, 'store'));
  const head = {
    weight: constant({ data: weight, shape: [2, 2] }),
    bias: constant({ data: Float32Array.of(0, 10), shape: [2] }),
  };
  return {
    network: { head, featureWidth: 2, keyOf: (hash) => hash, allowLargeReadings: false },
    sets: new Map([['fit', rowSetOf({ features, labels })]]),
    learnt: new LearntStore(new Entries({ store, logger: silent })),
    features: 'e',
    seed: 7,
    signal: new AbortController().signal,
  };
}

const normalising = ({ network, ...fitting }: Fitting): Fitting => ({
  ...fitting,
  network: { ...network, head: { ...network.head, normalise: true } },
});

/** A detector whose parts have learnt. */
async function fitted(detector: Detector, fitting: Fitting): Promise<FittedDetector> {
  const preparation = new Preparation(detector, fitting.network, 'fit');
  preparation.declare();
  await advance(preparation, fitting);
  expect(preparation.isFitted).toBe(true);
  return preparation.finish();
}

const doubling = defineHook({ name: 'doubling', features: (h) => h.mul(2) });

/** Keeps what it was shown. */
function spy(reads: readonly string[]) {
  const seen: RowBatch<'features' | 'logits' | 'labels'>[] = [];
  const scorer = defineScorer({
    name: `spy on ${reads.join()}`,
    fit: () =>
      learnsFrom(reads, async (rows) => {
        for await (const batch of rows) seen.push(batch);
        return { count: { data: Float64Array.of(rows.count), shape: [] } };
      }),
    score: ({ logits }) => logits.max(),
  });
  return { seen, scorer };
}

describe('advance', () => {
  it('shows a part the features behind the hooks before it', async () => {
    const { seen, scorer } = spy(['features', 'logits', 'labels']);
    await fitted({ name: 'D', hooks: [part(doubling)], scorer: part(scorer) }, await fittingOf());
    expect([...seen[0]!.features.data]).toEqual(features.flat().map((value) => 2 * value));
    expect([...seen[0]!.labels]).toEqual([0, 1, 1]);
    const expected = [0, 1, 2].flatMap((row) => {
      const [a, b] = features[row] as [number, number];
      return [2 * a + 2 * 2 * b, 2 * b + 10];
    });
    expect([...seen[0]!.logits.data]).toEqual(expected);
  });

  it('shows what the head reads: the features themselves, or divided by their length where it normalises', async () => {
    const reads = ['features', 'headInput', 'logits'];
    const bare = spy(reads);
    await fitted({ name: 'D', hooks: [], scorer: part(bare.scorer) }, await fittingOf());
    expect((bare.seen as readonly RowBatch[])[0]!.headInput).toEqual(bare.seen[0]!.features);

    const { seen, scorer } = spy(reads);
    await fitted({ name: 'D', hooks: [part(doubling)], scorer: part(scorer) }, normalising(await fittingOf()));
    const lengths = features.map((row) => Math.hypot(...row));
    const units = features.map((row, i) => row.map((value) => value / lengths[i]!));
    const [shown] = seen as readonly RowBatch[];
    expect([...shown!.features!.data]).toEqual(features.flat().map((value) => 2 * value));
    expect(shown!.headInput!.data).toEqual(Float32Array.from(units.flat()));
    const logits = units.flatMap(([a, b]) => [a! + 2 * b!, b! + 10]);
    shown!.logits!.data.forEach((value, i) => expect(value).toBeCloseTo(logits[i]!, 5));
  });

  it('hides the numbers of a head that normalises from a step that reads features alone', async () => {
    const taking = (reads: readonly string[]) =>
      defineScorer({
        name: 'naive',
        fit: () => learnsFrom(reads, (_, { head }) => ({ first: { data: head.weight.data.slice(0, 1), shape: [1] } })),
        score: ({ logits }) => logits.max(),
      });
    const learning = async (reads: readonly string[]) =>
      fitted({ name: 'D', hooks: [], scorer: part(taking(reads)) }, normalising(await fittingOf()));
    await expect(learning(['features'])).rejects.toMatchObject({
      code: 'OOD_DETECTOR_FAILED',
      message: `"naive" uses weights of the last layer, but not the layer's input: features divided by their length`,
    });
    for (const reads of [['headInput'], ['features', 'headInput'], ['logits']])
      expect((await learning(reads)).scorer.learnt.first!.data).toEqual(weight.slice(0, 1));
  });

  it('shows only what was asked for', async () => {
    const { seen, scorer } = spy(['features']);
    await fitted({ name: 'D', hooks: [], scorer: part(scorer) }, await fittingOf());
    expect(Object.keys(seen[0]!)).toEqual(['features']);
  });

  it('learns once, and finds it in the store the next time', async () => {
    const fitting = await fittingOf();
    const { seen, scorer } = spy(['features']);
    const detector = { name: 'D', hooks: [], scorer: part(scorer) };
    const first = await fitted(detector, fitting);
    const second = await fitted(detector, fitting);
    expect(seen).toHaveLength(1);
    expect(second.scorer.learnt).toEqual(first.scorer.learnt);
    expect(second.scorer.learnt.count!.data[0]).toBe(3);
  });

  it('learns again behind another hook', async () => {
    const fitting = await fittingOf();
    const { seen, scorer } = spy(['features']);
    await fitted({ name: 'D', hooks: [], scorer: part(scorer) }, fitting);
    await fitted({ name: 'D', hooks: [part(doubling)], scorer: part(scorer) }, fitting);
    expect(seen).toHaveLength(2);
  });

  it('learns again when a label is corrected, where it reads labels, and only there', async () => {
    const fitting = await fittingOf([0, 1, 1]);
    const corrected = { ...fitting, sets: new Map([['fit', rowSetOf({ features, labels: [0, 1, 0] })]]) };
    const [labelled, unlabelled] = [spy(['features', 'labels']), spy(['features'])];
    for (const { scorer } of [labelled, unlabelled])
      for (const each of [fitting, corrected]) await fitted({ name: 'D', hooks: [], scorer: part(scorer) }, each);
    expect(labelled.seen.map(({ labels }) => [...labels])).toEqual([
      [0, 1, 1],
      [0, 1, 0],
    ]);
    expect(unlabelled.seen).toHaveLength(1);
  });

  it('learns moments of classes again when a label is corrected', async () => {
    const byClass = defineScorer({
      name: 'by class',
      fit: () =>
        learnsFrom(['features', 'labels'], async (_rows, { classMoments }) => ({
          mean: { data: (await classMoments('features')).classMeans, shape: [2, 2] },
        })),
      score: ({ logits }) => logits.max(),
    });
    const fitting = await fittingOf([0, 1, 1]);
    const corrected = { ...fitting, sets: new Map([['fit', rowSetOf({ features, labels: [0, 1, 0] })]]) };
    const means: unknown[] = [];
    for (const each of [fitting, corrected])
      means.push([...(await fitted({ name: 'D', hooks: [], scorer: part(byClass) }, each)).scorer.learnt.mean!.data]);
    expect(means).toEqual([
      [1, -2, -1, 5],
      [-2, 2, 3, 4],
    ]);
  });

  it('gives each step a last layer of its own, in which it may write', async () => {
    const heads: number[][] = [];
    const writing = defineScorer({
      name: 'writing',
      fit: () => {
        const step = learnsFrom(['features'], (_rows, { head }) => {
          heads.push([...head.weight.data].map(Number));
          (head.weight.data as Float32Array).fill(0);
          return {};
        });
        return [step, step];
      },
      score: ({ logits }) => logits.max(),
    });
    await fitted({ name: 'D', hooks: [], scorer: part(writing) }, await fittingOf());
    expect(heads).toEqual([[...weight], [...weight]]);
  });

  it('names the image whose label is missing, at the place of the part', async () => {
    const { scorer } = spy(['labels']);
    const fitting = await fittingOf([0, undefined, 1]);
    await expect(fitted({ name: 'D', hooks: [], scorer: part(scorer) }, fitting)).rejects.toMatchObject({
      code: 'OOD_MISSING_LABELS',
      message: expect.stringContaining('"1"'),
      place: { file: 'tiny.yaml' },
    });
  });
});
