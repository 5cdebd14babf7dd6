import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, z, type FitBatch, type FitInput } from '@farout/core';
import { constant } from '@farout/tensor';
import { RowSet } from '../../src/extraction/row-set.ts';
import { checkLearnt, fitDetector, LearntStore, type Fitting } from '../../src/fit/fit.ts';
import { Entries } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { part, silent, temporaryFolder } from '../fixtures/tiny.ts';

const features = Float32Array.of(1, -2, 3, 4, -5, 6);
const weight = Float32Array.of(1, 2, 0, 1);

async function fittingOf(labels: readonly (number | undefined)[] = [0, 1, 1]): Promise<Fitting> {
  const folder = await temporaryFolder();
  const store = new FileStore(path.join(folder, 'store'));
  const images = labels.map((label, i) => ({ id: `${i}`, path: `${i}`, ...(label !== undefined && { label }) }));
  const contents = ['a', 'b', 'c'];
  const cut = { place: 'p', images };
  const extracted = { cut, contents, outcomes: contents.map((_, row) => ({ block: 'x', row })) };
  const shards = { block: () => Promise.resolve({ data: features, shape: [3, 2] as const }) };
  const head = {
    weight: constant({ data: weight, shape: [2, 2] }),
    bias: constant({ data: Float32Array.of(0, 10), shape: [2] }),
  };
  return {
    stages: { head, featureWidth: 2 },
    set: new RowSet({ shards, again: () => Promise.reject(new Error('it is all there')) }, [extracted], 0),
    learnt: new LearntStore(new Entries({ store, logger: silent })),
    extraction: 'e',
    signal: new AbortController().signal,
  };
}

const doubling = defineHook({ name: 'doubling', params: z.object({}), features: (h) => h.mul(2) });

/** Keeps what it was shown. */
function spy(reads: readonly FitInput[]) {
  const seen: FitBatch[] = [];
  const scorer = defineScorer({
    name: `spy on ${reads.join()}`,
    params: z.object({}),
    fit: () => ({
      reads,
      learn: async (rows) => {
        for await (const batch of rows) seen.push(batch);
        return { count: { data: Float64Array.of(rows.count), shape: [] } };
      },
    }),
    score: ({ logits }) => logits.max(),
  });
  return { seen, scorer };
}

describe('fitDetector', () => {
  it('shows a part the features behind the hooks before it', async () => {
    const { seen, scorer } = spy(['features', 'logits', 'labels']);
    await fitDetector({ name: 'D', hooks: [part(doubling)], scorer: part(scorer) }, await fittingOf());
    expect([...seen[0]!.features.data]).toEqual([...features].map((value) => 2 * value));
    expect([...seen[0]!.labels]).toEqual([0, 1, 1]);
    const expected = [0, 1, 2].flatMap((row) => {
      const [a, b] = [2 * features[2 * row]!, 2 * features[2 * row + 1]!];
      return [a + 2 * b, b + 10];
    });
    expect([...seen[0]!.logits.data]).toEqual(expected);
  });

  it('shows only what was asked for', async () => {
    const { seen, scorer } = spy(['features']);
    await fitDetector({ name: 'D', hooks: [], scorer: part(scorer) }, await fittingOf());
    expect(Object.keys(seen[0]!)).toEqual(['features']);
  });

  it('learns once, and finds it in the store the next time', async () => {
    const fitting = await fittingOf();
    const { seen, scorer } = spy(['features']);
    const detector = { name: 'D', hooks: [], scorer: part(scorer) };
    const first = await fitDetector(detector, fitting);
    const second = await fitDetector(detector, fitting);
    expect(seen).toHaveLength(1);
    expect(second.scorer.learnt).toEqual(first.scorer.learnt);
    expect(second.scorer.learnt.count!.data[0]).toBe(3);
  });

  it('learns again behind another hook', async () => {
    const fitting = await fittingOf();
    const { seen, scorer } = spy(['features']);
    await fitDetector({ name: 'D', hooks: [], scorer: part(scorer) }, fitting);
    await fitDetector({ name: 'D', hooks: [part(doubling)], scorer: part(scorer) }, fitting);
    expect(seen).toHaveLength(2);
  });

  it('names the image whose label is missing, at the place of the part', async () => {
    const { scorer } = spy(['labels']);
    const fitting = await fittingOf([0, undefined, 1]);
    await expect(fitDetector({ name: 'D', hooks: [], scorer: part(scorer) }, fitting)).rejects.toMatchObject({
      code: 'OOD_MISSING_LABELS',
      message: expect.stringContaining('"1"'),
      place: { file: 'tiny.yaml' },
    });
  });
});

const array = (data: unknown, shape: unknown) => ({ x: { data, shape } });

describe('checkLearnt', () => {
  it.each([
    ['nothing', {}],
    ['a scalar', array(Float64Array.of(1), [])],
    ['a matrix', array(new Float32Array(6), [2, 3])],
    ['whole numbers', array(BigInt64Array.of(1n), [1])],
    ['an empty array', array(new Int32Array(0), [0, 4])],
  ])('passes %s on', (_title, learnt) => {
    expect(checkLearnt('part', learnt)).toBe(learnt);
  });

  it.each([
    ['a number', { x: 1 }],
    ['a list', array([1, 2], [2])],
    ['half precision', array(new Uint16Array(2), [2])],
    ['no shape', array(new Float32Array(2), undefined)],
    ['a shape of fractions', array(new Float32Array(2), [0.5, 4])],
    ['a negative shape', array(new Float32Array(2), [-1, -2])],
    ['null', { x: null }],
  ])('refuses %s by the names of the part and the array', (_title, learnt) => {
    expect(() => checkLearnt('part', learnt)).toThrow('"part" learnt "x", which is no typed array with its shape');
  });

  it('refuses a shape that the elements do not fill, and what is no record', () => {
    expect(() => checkLearnt('part', array(new Float32Array(5), [2, 3]))).toThrow(
      '"part" learnt "x", whose 5 elements do not fill the shape (2, 3)',
    );
    expect(() => checkLearnt('part', undefined)).toThrow('"part" learnt no record of arrays');
  });
});
