// The figures of the README: `node --import ./tools/ts.mjs packages/metrics/tests/scikit-learn/speed.ts`.
// Both sides compute the same three metrics from the same unsorted scores, in turns.
import { curveOf } from '@farout/core';
import { auroc, averagePrecisionIn, fpr95OodPositive } from '@farout/metrics';
import { startScikitLearn } from './scikit-learn.ts';

const metrics = [auroc, fpr95OodPositive, averagePrecisionIn];
const scikitLearn = startScikitLearn();

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

/** Scores of a bell shape around `mean`, rounded to multiples of `step` when it is not 0. */
const drawScores = (count: number, mean: number, step: number) =>
  Float32Array.from({ length: count }, () => {
    const score = mean + Math.random() + Math.random() + Math.random();
    return step === 0 ? score : Math.round(score / step) * step;
  });

function milliseconds(idScores: Float32Array, oodScores: Float32Array): number {
  const start = performance.now();
  const curve = curveOf(idScores, oodScores);
  for (const metric of metrics) metric.value(curve);
  return performance.now() - start;
}

async function compare(ids: number, oods: number, step: number): Promise<void> {
  const ours = [];
  const theirs = [];
  for (let round = 0; round < 25; round++) {
    const scores = [drawScores(ids, 0.7, step), drawScores(oods, 0, step)] as const;
    ours.push(milliseconds(...scores));
    theirs.push((await scikitLearn.measure(...scores)).milliseconds);
  }
  const ratio = median(theirs) / median(ours);
  const title = `${ids} vs ${oods}${step === 0 ? '' : ', ties'}`;
  console.log(
    `${title}: ${median(ours).toFixed(2)} ms, scikit-learn ${median(theirs).toFixed(1)} ms, ${ratio.toFixed(1)} x`,
  );
}

for (const [ids, oods] of [
  [50_000, 10_000],
  [1_000_000, 1_000_000],
] as const) {
  await compare(ids, oods, 0);
  await compare(ids, oods, 0.001);
}
scikitLearn.close();
