import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, learnsFrom, scoresFrom, z } from '@farout/core';
import { hookChecks } from '../src/checks/hook.ts';
import { scorerChecks } from '../src/checks/scorer.ts';
import { testHook, testScorer } from '../src/index.ts';
import { meanOf, meanOfFeatures, sumsOf } from './parts/mean-of-features.ts';
import { recordedTests } from './parts/recorded-tests.ts';

const maxOverT = defineScorer({
  name: 'max over T',
  params: z.object({ temperature: z.number().positive().default(2) }),
  score: ({ logits }, { temperature: T }) => logits.max().div(T),
});

const aboveMean = defineScorer({
  name: 'above the mean',
  fit: () => meanOfFeatures,
  score: ({ features }, _, { learnt }) => features.max().sub(learnt.mean!.cast('float32')),
});

describe('testScorer', () => {
  it('registers a test for every case and every clause of the contract, and all pass for a correct scorer', async () => {
    const verdicts = await recordedTests((functions) =>
      testScorer(
        maxOverT,
        [
          {
            title: 'defaults are filled in',
            logits: [
              [1, 3],
              [8, 4],
            ],
            scores: [1.5, 4],
          },
          { title: 'parameters are handed on', params: { temperature: 10 }, logits: [[5, 0]], scores: [0.5] },
          { title: 'the head makes the logits', features: [[2]], head: { weight: [[3]], bias: [4] }, scores: [5] },
          { title: 'features without a head are the logits', features: [[2]], scores: [1] },
          { title: 'a temperature of 0 is refused', params: { temperature: 0 }, refused: 'temperature' },
        ],
        functions,
      ),
    );
    expect(Object.values(verdicts).filter((message) => message !== undefined)).toEqual([]);
    expect(Object.keys(verdicts)).toHaveLength(5 + scorerChecks.length);
  });

  it('gives a scorer over rows the features, and the logits that the head makes of them', async () => {
    const sum = defineScorer({
      name: 'sum',
      rows: () =>
        scoresFrom(
          ['features', 'logits'],
          () =>
            ({ features, logits }) =>
              Float32Array.of(features.data.reduce((a, b) => a + b) + 100 * logits.data[0]!),
        ),
    });
    const head = { weight: [[3, 4]], bias: [0.25] };
    const verdicts = await recordedTests((functions) =>
      testScorer(sum, [{ title: 'both', features: [[1, 2]], head, scores: [3 + 100 * 11.25] }], functions),
    );
    expect(verdicts.both).toBeUndefined();
  });

  it('says which score of a case is wrong', async () => {
    const verdicts = await recordedTests((functions) =>
      testScorer(maxOverT, [{ title: 'wrong', logits: [[2], [4]], scores: [1, 3] }], functions),
    );
    expect(verdicts.wrong).toBe('wrong: number 1 is 2, expected 3');
  });

  it('says when a case has another number of scores', async () => {
    const verdicts = await recordedTests((functions) =>
      testScorer(maxOverT, [{ title: 'short', logits: [[2], [4]], scores: [1] }], functions),
    );
    expect(verdicts.short).toBe('short: 2 numbers instead of 1');
  });

  it('fails a refusal that does not happen, or that names another parameter', async () => {
    const verdicts = await recordedTests((functions) =>
      testScorer(
        maxOverT,
        [
          { title: 'accepted', params: { temperature: 1 }, refused: 'temperature' },
          { title: 'misnamed', params: { temperature: 0 }, refused: 'T' },
        ],
        functions,
      ),
    );
    expect(verdicts.accepted).toBe('{"temperature":1} is accepted');
    expect(verdicts.misnamed).toMatch(/^\{"temperature":0\} is refused without the name "T"/);
  });

  it('fails a case whose parameters are refused', async () => {
    const verdicts = await recordedTests((functions) =>
      testScorer(maxOverT, [{ title: 'typo', params: { temprature: 1 }, logits: [[1]], scores: [1] }], functions),
    );
    expect(verdicts.typo).toMatch(/^\{"temprature":1\} is refused/);
  });

  it('fits a scorer on the rows of its case', async () => {
    const verdicts = await recordedTests((functions) =>
      testScorer(
        aboveMean,
        [
          {
            title: 'fitted',
            fit: {
              features: [
                [1, 2],
                [3, 6],
              ],
            },
            features: [[10, 0]],
            scores: [7],
          },
          { title: 'not fitted', features: [[10, 0]], scores: [7] },
        ],
        functions,
      ),
    );
    expect(verdicts.fitted).toBeUndefined();
    expect(verdicts['not fitted']).toBe(
      'the case "not fitted" needs a fit set: above the mean learns with its parameters',
    );
  });

  it('fits each step on the set that it names, and asks for its images', async () => {
    const two = defineScorer({
      name: 'two sets',
      fit: () => [
        learnsFrom(['features'], async (rows) => ({ own: meanOf(await sumsOf(rows)).mean! })),
        learnsFrom(['features'], async (rows) => ({ other: meanOf(await sumsOf(rows)).mean! }), {
          set: 'clean',
        }),
      ],
      score: ({ features }, _, { learnt }) =>
        features.cast('float64').sub(learnt.own!).add(learnt.other!).max().cast('float32'),
    });
    const given = { features: [[10, 0]], scores: [10 - 3 + 50] };
    const fit = { features: [[1, 2], [3, 6]] }; // prettier-ignore
    const verdicts = await recordedTests((functions) =>
      testScorer(
        two,
        [
          { title: 'both', ...given, fit: { ...fit, sets: { clean: { features: [[100, 0]] } } } },
          { title: 'one', ...given, fit },
        ],
        functions,
      ),
    );
    expect(verdicts.both).toBeUndefined();
    expect(verdicts.one).toBe('the case "one" needs the images of "clean" in the sets of its fit set');
  });

  it('asks for labels where they are read and missing', async () => {
    const byLabel = defineScorer({
      ...aboveMean,
      name: 'by label',
      fit: () => learnsFrom(['features', 'labels'], async (rows) => meanOf(await sumsOf(rows))),
      score: ({ features }) => features.max(),
    });
    const verdicts = await recordedTests((functions) =>
      testScorer(
        byLabel,
        [
          { title: 'unlabelled', fit: { features: [[1]] }, features: [[1]], scores: [1] },
          { title: 'labelled', fit: { features: [[1]], labels: [0] }, features: [[1]], scores: [1] },
        ],
        functions,
      ),
    );
    expect(verdicts.unlabelled).toBe('the case "unlabelled" needs labels in its fit set');
    expect(verdicts.labelled).toBeUndefined();
  });

  it('checks a scorer without defaults with the parameters of its first good case', async () => {
    const needsT = defineScorer({
      name: 'needs T',
      params: z.object({ temperature: z.number().positive() }),
      score: ({ logits }, { temperature: T }) => logits.max().div(T),
    });
    const verdicts = await recordedTests((functions) =>
      testScorer(
        needsT,
        [
          { title: 'refused', params: { temperature: 0 }, refused: 'temperature' },
          { title: 'given', params: { temperature: 2 }, logits: [[2]], scores: [1] },
        ],
        functions,
      ),
    );
    const failed = Object.entries(verdicts).filter(([, message]) => message !== undefined);
    expect(failed.map(([title]) => title)).toEqual(['needs no parameters: each has a default or may be absent']);
  });
});

testScorer(maxOverT, [{ title: 'registers with the global functions of the runner', logits: [[4]], scores: [2] }]);

const shift = defineHook({
  name: 'shift',
  params: z.object({ by: z.number().default(1) }),
  features: (h, { by }) => h.add(by),
  head: ({ weight, bias }) => ({ weight: weight.mul(2), bias }),
  logits: (z) => z.sub(0.5),
});

describe('testHook', () => {
  it('registers a test for every case and every clause of the contract, and all pass for a correct hook', async () => {
    const verdicts = await recordedTests((functions) =>
      testHook(
        shift,
        [
          { title: 'without a head', features: [[1, 2]], logits: [[3.5, 5.5]] },
          {
            title: 'with a head',
            params: { by: 2 },
            features: [
              [1, 2],
              [0, 0],
            ],
            head: {
              weight: [
                [1, 10],
                [0, 1],
                [1, 0],
              ],
              bias: [0, 0, 100],
            },
            logits: [
              [85.5, 7.5, 105.5],
              [43.5, 3.5, 103.5],
            ],
          },
          { title: 'a text is refused', params: { by: 'much' }, refused: 'by' },
        ],
        functions,
      ),
    );
    expect(Object.values(verdicts).filter((message) => message !== undefined)).toEqual([]);
    expect(Object.keys(verdicts)).toHaveLength(3 + hookChecks.length);
  });

  it('says which logit of a case is wrong', async () => {
    const verdicts = await recordedTests((functions) =>
      testHook(shift, [{ title: 'wrong', features: [[1, 2]], logits: [[3.5, 5]] }], functions),
    );
    expect(verdicts.wrong).toBe('wrong: number 1 is 5.5, expected 5');
  });
});
