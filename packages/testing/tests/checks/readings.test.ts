import { describe, expect, it } from '@jest/globals';
import { defineHook, defineScorer, learnsFrom, scoresFrom, type NetworkView, type Readings } from '@farout/core';
import { hooksFromFile } from '../../src/checks/hook.ts';
import { batchAsRows, readingsAsRows, readingsDeclared } from '../../src/checks/part.ts';
import { failingHookChecks, failingScorerChecks } from '../parts/failing-checks.ts';

const reads = (name: string, readings: (network: NetworkView) => Readings) => () =>
  defineScorer({ name, readings, score: ({ logits }) => logits.max() });

describe('the contract of readings', () => {
  it('finds no fault with a scorer that reads maps, and with one over their rows', async () => {
    const readings = ({ tap, convolution }: NetworkView) => ({
      maxima: tap('layer4').max([2, 3]),
      stem: convolution('stem.conv').mean([1, 2, 3]),
    });
    const symbolic = () =>
      defineScorer({
        name: 'maxima',
        readings,
        score: (_, __, { readings: { maxima, stem } }) => maxima!.max().sub(stem!.mul(0.01)),
      });
    const overRows = () =>
      defineScorer({
        name: 'rows of maxima',
        readings,
        rows: () =>
          scoresFrom(
            ['maxima'],
            () =>
              ({ maxima: { data, shape } }) =>
                Float32Array.from({ length: shape[0] }, (_, n) =>
                  Math.max(...data.slice(n * shape[1], (n + 1) * shape[1])),
                ),
          ),
      });
    expect(await failingScorerChecks(symbolic)).toEqual([]);
    expect(await failingScorerChecks(overRows)).toEqual([]);
  });

  it('finds no fault with a fit on readings, and with a second one on readings of what it learnt', async () => {
    const mean = (name: string) =>
      learnsFrom([name], async (rows) => {
        let sum = 0;
        for await (const batch of rows) sum += batch[name]!.data.reduce((a, b) => a + b, 0);
        return { [`mean of ${name}`]: { data: Float32Array.of(sum / rows.count), shape: [] } };
      });
    const scorer = () =>
      defineScorer({
        name: 'two passes',
        readings: ({ tap }) => ({ top: tap().max([1, 2, 3]) }),
        readingsAfter: ({ tap }, _, { learnt }) => ({
          above: tap().sub(learnt['mean of top']!).relu().mean([1, 2, 3]),
        }),
        fit: () => [mean('top'), mean('above')],
        score: (_, __, { readings, learnt }) => readings.top!.add(readings.above!).sub(learnt['mean of above']!),
      });
    expect(await failingScorerChecks(scorer)).toEqual([]);
  });

  it('finds no fault with a hook that takes a reading for the features, and with one on the map', async () => {
    const pooled = () =>
      defineHook({
        name: 'maxima',
        readings: ({ tap }) => ({ maxima: tap('layer4').max([2, 3]) }),
        features: (_, __, { readings }) => readings.maxima!,
      });
    const clipped = () => defineHook({ name: 'clips', map: () => (map) => map.minimum(4) });
    expect(await failingHookChecks(pooled)).toEqual([]);
    expect(await failingHookChecks(clipped)).toEqual([]);
  });

  it('catches one name for readings of both passes', async () => {
    const scorer = () =>
      defineScorer({
        name: 'twice',
        readings: ({ tap }) => ({ top: tap().max([1, 2, 3]) }),
        readingsAfter: ({ tap }) => ({ top: tap().max([1, 2, 3]) }),
        score: ({ logits }) => logits.max(),
      });
    expect(await failingScorerChecks(scorer)).toEqual([readingsDeclared.title]);
  });

  it.each<[string, (network: NetworkView) => Readings]>([
    ['the name of rows that all have', ({ tap }) => ({ labels: tap().max([1, 2, 3]) })],
    ['one number for all images', ({ tap }) => ({ top: tap().max([0, 1, 2, 3]) })],
    ['another precision', ({ tap }) => ({ top: tap().max([1, 2, 3]).cast('float64') })],
    ['a map that no network has', ({ tap }) => ({ top: tap('layer9').max([1, 2, 3]) })],
  ])('catches %s', async (name, readings) => {
    expect(await failingScorerChecks(reads(name, readings))).toContain(readingsDeclared.title);
  });

  it('catches a reading that depends on the other images of the batch', async () => {
    const centred = reads('centred', ({ tap }) => {
      const top = tap().max([1, 2, 3]);
      return { top: top.sub(top.mean(0)) };
    });
    expect(await failingScorerChecks(centred)).toEqual([readingsAsRows.title]);
  });

  it('catches a hook that is another one where its readings are stored', async () => {
    const hook = () =>
      defineHook({
        name: 'looks again',
        readings: ({ tap }) => ({ maxima: tap('layer4').max([2, 3]) }),
        features: (_, __, { readings: { maxima } }) =>
          maxima!.origin.kind === 'operation' ? maxima! : maxima!.mul(1.5),
      });
    const failed = await failingHookChecks(hook);
    expect(failed).toContain(hooksFromFile.title);
    expect(failed).not.toContain(batchAsRows.title);
  });
});
