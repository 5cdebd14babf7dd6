import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from '@jest/globals';
import { atRatio } from '../../src/at-ratio.ts';
import { drawAll, type DrawableMetric } from '../../src/evaluate/draw-threads.ts';
import { rankingOf, shared, type DrawnSets } from '../../src/evaluate/rankings.ts';
import { drawnMetrics } from '../fixtures/drawn-metrics.ts';

const share = drawnMetrics.metrics!.find(({ name }) => name === 'ood share')!;
const fixture = (name: string) =>
  pathToFileURL(path.join(process.env.FAROUT_COMPILED!, `packages/runner/tests/fixtures/${name}.js`)).href;

const [ids, oods, draws] = [50, 40, 64];
const scores = (count: number, from: number) =>
  Float32Array.from({ length: count }, (_, at) => from + ((at * 0.618) % 1));
const sets: DrawnSets = {
  seed: 2,
  id: { name: 'id', images: ids, units: ids },
  ood: [{ name: 'ood', images: oods, units: oods }],
  rankings: [[rankingOf(scores(ids, 0.6), scores(oods, 0.3), 0)]],
};

/** What the draws of the share at several ratios give; undefined is the share as it is. */
async function drawn(ratios: readonly (number | undefined)[], threads: number, module: string) {
  const metrics = ratios.map((ratio): DrawableMetric => {
    const { name, value, ratio: at } = ratio === undefined ? { ...share, ratio: undefined } : atRatio(share, ratio);
    return { name, value, draws, numbers: shared(Float64Array, draws), module, ...(at && { ratio: at }) };
  });
  const nothing = () => undefined;
  const progress = { start: nothing, advance: nothing, stop: nothing };
  await drawAll(sets, metrics, { progress, signal: new AbortController().signal, threads });
  return metrics.map(({ numbers }) => [...numbers]);
}

it('measures metrics at a ratio of the sets in any number of threads, to the same digit', async () => {
  const ratios = [3, undefined, 0.5];
  const one = await drawn(ratios, 1, fixture('drawn-metrics'));
  expect(await drawn(ratios, 3, fixture('drawn-metrics'))).toEqual(one);
  // OOD images weigh 3 · 50 / 40 each.
  const [at3, plain] = one as [number[], number[]];
  const weighed = plain.map((value) => (3.75 * value) / (3.75 * value + 1 - value));
  expect(at3).toEqual(weighed.map((value) => expect.closeTo(value, 12) as unknown));
});

it('gives them to other threads, which find them by their module', async () => {
  // Another module does not bring the metric: a thread that is asked for it says so.
  await expect(drawn([3], 2, fixture('png'))).rejects.toMatchObject({
    code: 'OOD_WORKER_DIED',
    message: expect.stringContaining('provides no metric "ood share"') as unknown,
  });
});
