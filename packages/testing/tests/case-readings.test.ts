import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, learnsFrom, type Rows } from '@farout/core';
import { testHook, testScorer } from '../src/index.ts';
import { recordedTests } from './parts/recorded-tests.ts';

describe('the cases of testScorer and testHook', () => {
  const peak = defineScorer({
    name: 'peak',
    readings: ({ tap }) => ({ maxima: tap('layer4').max([2, 3]), top: tap('layer4').max([1, 2, 3]) }),
    fit: () =>
      learnsFrom(['top'], async (rows) => {
        let sum = 0;
        for await (const { top } of rows) sum += top.data.reduce((a, b) => a + b, 0);
        return { usual: { data: Float32Array.of(sum / rows.count), shape: [] } };
      }),
    score: (_, __, { readings, learnt }) => readings.maxima!.sum().add(readings.top!).sub(learnt.usual!),
  });

  it('hands the readings of a case to the scorer, and makes them of the features where it has none', async () => {
    const fit = { features: [[1, 2]], readings: { top: [10] } };
    const verdicts = await recordedTests((functions) =>
      testScorer(
        peak,
        [
          {
            title: 'given',
            fit,
            features: [[0], [0]],
            readings: {
              maxima: [
                [1, 2, 3],
                [4, 5, 6],
              ],
              top: [100, 200],
            },
            scores: [6 + 100 - 10, 15 + 200 - 10],
          },
          { title: 'made', fit, features: [[3, 5]], scores: [3 + 5 + 5 - 10] },
          { title: 'made in the fit, too', fit: { features: [[1, 2]] }, features: [[3, 5]], scores: [3 + 5 + 5 - 2] },
        ],
        functions,
      ),
    );
    expect([verdicts.given, verdicts.made, verdicts['made in the fit, too']]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('hands both sets of a case to a step that learns against one', async () => {
    const sumOf = async (rows: AsyncIterable<{ readonly features?: Rows }>) => {
      let sum = 0;
      for await (const { features } of rows) sum += features!.data.reduce((a, b) => a + b, 0);
      return sum;
    };
    const apart = defineScorer({
      name: 'apart',
      fit: () =>
        learnsFrom(
          ['features'],
          async (rows, { against }) => ({
            gap: { data: Float32Array.of((await sumOf(rows)) - (await sumOf(against))), shape: [] },
          }),
          { against: 'noise' },
        ),
      score: ({ features }, _, { learnt }) => features.max().add(learnt.gap!),
    });
    const fit = { features: [[5], [6]], against: { features: [[1], [2], [4]] } };
    const verdicts = await recordedTests((functions) =>
      testScorer(
        apart,
        [
          { title: 'both', fit, features: [[100]], scores: [100 + 11 - 7] },
          { title: 'one', fit: { features: [[5]] }, features: [[100]], scores: [105] },
        ],
        functions,
      ),
    );
    expect(verdicts.both).toBeUndefined();
    expect(verdicts.one).toBe('the case "one" needs images in its fit set that it learns against');
    const failed = Object.values(verdicts).filter((message) => message !== undefined);
    expect(failed).toHaveLength(1);
  });

  it('says which names there are where a fit reads another one', async () => {
    const amiss = { ...peak, fit: () => learnsFrom(['topp'], () => ({})) };
    const verdicts = await recordedTests((functions) =>
      testScorer(amiss, [{ title: 'typo', fit: { features: [[1]] }, features: [[1]], scores: [1] }], functions),
    );
    expect(verdicts.typo).toBe('it reads "topp", but there are only features, headInput, logits, labels, maxima, top');
  });

  it('hands the readings of a case to the hook', async () => {
    const loud = defineHook({
      name: 'loud',
      readings: ({ tap }) => ({ maxima: tap('layer4').max([2, 3]) }),
      features: (h, _, { readings }) => h.add(readings.maxima!),
    });
    const given = { title: 'given', features: [[1, 2]], readings: { maxima: [[10, 20]] }, logits: [[11, 22]] };
    const made = { title: 'made', features: [[1, 2]], logits: [[2, 4]] };
    const verdicts = await recordedTests((functions) => testHook(loud, [given, made], functions));
    expect([verdicts.given, verdicts.made]).toEqual([undefined, undefined]);
  });
});
