import { describe, expect, it } from '@jest/globals';
import { defineScorer, learnsFrom, scoresFrom, z } from '@farout/core';
import { grad, type NDArray } from '@farout/tensor';
import { fitStreams, fitTwiceIsOnce, learntIsArrays } from '../../src/checks/fit.ts';
import { batchAsRows, finiteOnExtremes, inputUntouched, twiceIsOnce } from '../../src/checks/part.ts';
import { scoreGradient, scoresFromFile, scoreShape, sureAboveFlat } from '../../src/checks/scorer.ts';
import { defaultsConstruct, parametersClosed, parametersRefused } from '../../src/parameters.ts';
import { failingScorerChecks } from '../parts/failing-checks.ts';
import { meanOf, meanOfFeatures, sumsOf } from '../parts/mean-of-features.ts';
import { rowMaxima } from '../parts/row-maxima.ts';

describe('the contract of a scorer', () => {
  it('finds no fault with a symbolic scorer that learns', async () => {
    const scorer = () =>
      defineScorer({
        name: 'centred max-logit',
        fit: () => meanOfFeatures,
        score: ({ logits }, _, { learnt }) => logits.max().sub(learnt.mean!.cast('float32')),
      });
    expect(await failingScorerChecks(scorer)).toEqual([]);
  });

  it('finds no fault with a scorer that looks for the brightest pixel, the first of equals', async () => {
    const scorer = () => defineScorer({ name: 'brightest', score: ({ image }) => image.max([1, 2, 3]) });
    expect(await failingScorerChecks(scorer)).toEqual([]);
  });

  it('finds no fault with a scorer over rows', async () => {
    const scorer = () =>
      defineScorer({
        name: 'rows',
        rows: () => scoresFrom(['logits'], () => (rows) => Promise.resolve(Float32Array.from(rowMaxima(rows)))),
      });
    expect(await failingScorerChecks(scorer)).toEqual([]);
  });

  it('catches a parameter without a default', async () => {
    const scorer = () =>
      defineScorer({
        name: 'needs T',
        params: z.object({ temperature: z.number().positive() }),
        score: ({ logits }, { temperature: T }) => logits.div(T).logSumExp().mul(T),
      });
    expect(await failingScorerChecks(scorer, { temperature: 1 })).toEqual([defaultsConstruct.title]);
  });

  it.each([
    ['takes anything', z.any()],
    ['converts what it gets', z.coerce.string()],
    ['is refused without its name', z.unknown()],
  ])('catches a parameter that %s', async (fault, schema) => {
    const open = z.object({ mode: schema.optional() });
    const unnamed = open.refine(({ mode }) => mode === undefined, { error: 'bad' });
    const params = fault === 'is refused without its name' ? unnamed : open;
    const scorer = () => defineScorer({ name: 'lax', params, score: ({ logits }) => logits.max() });
    expect(await failingScorerChecks(scorer)).toEqual([parametersRefused.title]);
  });

  it('catches a schema that lets unknown parameters through', async () => {
    const scorer = () => defineScorer({ name: 'open', params: z.looseObject({}), score: ({ logits }) => logits.max() });
    expect(await failingScorerChecks(scorer)).toEqual([parametersClosed.title]);
  });

  it('catches a scorer that writes to the logits', async () => {
    const scorer = () =>
      defineScorer({
        name: 'writes',
        rows: () =>
          scoresFrom(['logits'], () => (rows) => {
            const scores = Float32Array.from(rowMaxima(rows));
            rows.logits.data.fill(0);
            return scores;
          }),
      });
    expect(await failingScorerChecks(scorer)).toEqual([inputUntouched.title]);
  });

  it('catches a scorer that writes to what it learnt', async () => {
    const scorer = () =>
      defineScorer({
        name: 'wears out',
        fit: () => meanOfFeatures,
        rows: () =>
          scoresFrom(['logits'], ({ learnt }) => (rows) => {
            (learnt.mean!.data as Float64Array)[0] = 0;
            return Float32Array.from(rowMaxima(rows));
          }),
      });
    expect(await failingScorerChecks(scorer)).toEqual([inputUntouched.title]);
  });

  it('catches a score that depends on the other images of the batch', async () => {
    const scorer = () =>
      defineScorer({
        name: 'centres the batch',
        score: ({ logits }) => logits.max().sub(logits.max().mean(0)),
      });
    expect(await failingScorerChecks(scorer)).toEqual([batchAsRows.title]);
  });

  it('catches a last bit that depends on the place in the batch', async () => {
    const turned = (row: Float32Array, n: number) => (n % 2 === 0 ? row : row.toReversed());
    const scorer = () =>
      defineScorer({
        name: 'sums from either end',
        rows: () =>
          scoresFrom(
            ['logits'],
            () =>
              ({ logits: { data, shape } }) =>
                Float32Array.from({ length: shape[0] }, (_, n) =>
                  turned(data.slice(n * shape[1], (n + 1) * shape[1]), n).reduce(
                    (sum, z) => Math.fround(sum + Math.cbrt(z)),
                    0,
                  ),
                ),
          ),
      });
    expect(await failingScorerChecks(scorer)).toEqual([batchAsRows.title]);
  });

  it('catches a scorer that remembers', async () => {
    const scorer = () => {
      const seen = new Set<string>();
      return defineScorer({
        name: 'remembers',
        rows: () =>
          scoresFrom(['logits'], () => (rows) => {
            const again = seen.has(rows.logits.data.join());
            seen.add(rows.logits.data.join());
            return Float32Array.from(rowMaxima(rows), (score) => score + Number(again));
          }),
      });
    };
    expect(await failingScorerChecks(scorer)).toEqual([twiceIsOnce.title]);
  });

  it('catches a formula that overflows', async () => {
    const scorer = () => defineScorer({ name: 'naive energy', score: ({ logits }) => logits.exp().sum().log() });
    expect(await failingScorerChecks(scorer)).toEqual([finiteOnExtremes.title]);
  });

  it('catches a score of the wrong sign', async () => {
    const scorer = () => defineScorer({ name: 'negated', score: ({ logits }) => logits.max().mul(-1) });
    expect(await failingScorerChecks(scorer)).toEqual([sureAboveFlat.title]);
  });

  it('catches a fit that keeps what an earlier one saw', async () => {
    const scorer = () => {
      const kept = new Map<string, number>();
      const learn = learnsFrom(['features'], async (rows) => {
        const sums = await sumsOf(rows);
        const batches = sums.map(({ count }) => count).join();
        kept.set(batches, (kept.get(batches) ?? 0) + 1);
        return meanOf([...sums, { sum: kept.get(batches)!, count: 1 }]);
      });
      return defineScorer({
        name: 'accumulates',
        fit: () => learn,
        score: ({ logits }) => logits.max(),
      });
    };
    expect(await failingScorerChecks(scorer)).toEqual([fitTwiceIsOnce.title]);
  });

  it('catches a fit that keeps the last batch only', async () => {
    const learn = learnsFrom(['features'], async (rows) => meanOf((await sumsOf(rows)).slice(-1)));
    const scorer = () =>
      defineScorer({
        name: 'forgets',
        fit: () => learn,
        score: ({ logits }) => logits.max(),
      });
    expect(await failingScorerChecks(scorer)).toEqual([fitStreams.title]);
  });

  it('catches scores that are no float32', async () => {
    const scorer = () =>
      defineScorer({
        name: 'doubles',
        rows: () =>
          scoresFrom(['logits'], () => (rows) => Float64Array.from(rowMaxima(rows)) as unknown as Float32Array),
      });
    expect(await failingScorerChecks(scorer)).toEqual([scoreShape.title]);
  });

  it('catches a symbolic score that is not one number per image; what cannot be traced fails every check that computes', async () => {
    const scorer = () => defineScorer({ name: 'all classes', score: ({ logits }) => logits });
    const failed = await failingScorerChecks(scorer);
    expect(failed).toContain(scoreShape.title);
    expect(failed).not.toContain(parametersRefused.title);
  });

  it.each([
    ['that are no typed array', { data: [1, 2] as never, shape: [2] }],
    ['of a type that is not stored', { data: Int16Array.of(1, 2) as never, shape: [2] }],
    ['that do not fill their shape', { data: Float32Array.of(1, 2), shape: [3] }],
  ])('catches learnt numbers %s', async (_, array: NDArray) => {
    const scorer = () =>
      defineScorer({
        name: 'learns amiss',
        fit: () => learnsFrom(['features'], () => ({ array })),
        rows: () => scoresFrom(['logits'], () => (rows) => Float32Array.from(rowMaxima(rows))),
      });
    expect(await failingScorerChecks(scorer)).toEqual([learntIsArrays.title]);
  });

  it('finds no fault with a scorer that reads the image, as (N, 3, H, W) with a deviation for each colour', async () => {
    const scorer = () =>
      defineScorer({
        name: 'brightened',
        score: ({ image, std, logitsOf }) => logitsOf(image.add(std.mul(0.1))).max(),
      });
    expect(await failingScorerChecks(scorer)).toEqual([]);
  });

  it('catches a gradient from the logits to the image, between which a run has nothing', async () => {
    const scorer = () =>
      defineScorer({
        name: 'steepness',
        score: ({ image, logits }) => logits.max().add(grad(logits.max().sum(), image).abs().sum([1, 2, 3])),
      });
    expect(await failingScorerChecks(scorer)).toEqual([scoresFromFile.title]);
  });

  it('catches a derivative that is lost on the way through whole numbers', async () => {
    const scorer = () =>
      defineScorer({
        name: 'fixed point',
        score: ({ logits }) =>
          logits
            .max()
            .mul(2 ** 14)
            .cast('int32')
            .cast('float32')
            .div(2 ** 14),
      });
    expect(await failingScorerChecks(scorer)).toEqual([scoreGradient.title]);
  });

  it('finds no fault with a derivative that is refused, here that of a mean over any number of images', async () => {
    const scorer = () =>
      defineScorer({
        name: 'refused',
        score: ({ logits }) => logits.max().add(logits.max().mean(0).mul(0)),
      });
    expect(await failingScorerChecks(scorer)).toEqual([]);
  });
});
