import type { Learnt, RowBatch, RowStream } from '@farout/core';

/**
 * Logistic regression of one number an image: P(own | v) = 1 / (1 + exp(−(a·v + b))), by Newton's method. a²/2 of standardised numbers is
 * added to the loss, so that it ends where nothing overlaps. The streams are read once for the mean and the spread, and once a step.
 *
 * `odds`, float64 (2): a and b.
 */
export async function learnLogOdds(
  own: RowStream,
  ownName: string,
  other: RowStream,
  otherName: string,
): Promise<Learnt> {
  const scores = () => labelled([own, ownName, 1], [other, otherName, 0]);
  const { mean, spread, logPrior } = await spreadOf(scores());
  let [a, b] = [0, logPrior];
  for (let step = 0; step < mostSteps; step++) {
    const [da, db] = await newtonStep(scores(), (value) => (value - mean) / spread, a, b);
    [a, b] = [a - da, b - db];
    if (Math.hypot(da, db) <= settled * Math.hypot(a, b)) break;
  }
  return { odds: { data: Float64Array.of(a / spread, b - (a * mean) / spread), shape: [2] } };
}

const mostSteps = 50;
/** Steps double the digits: behind one of this size there is nothing but rounding. */
const settled = 1e-9;

type Labelled = AsyncIterable<readonly [value: number, isOwn: 0 | 1]>;

async function* labelled(...streams: (readonly [RowStream, string, 0 | 1])[]): Labelled {
  for (const [stream, name, isOwn] of streams)
    for await (const batch of stream)
      for (const value of (batch as RowBatch<'own'>)[name as 'own'].data) yield [value, isOwn];
}

/** Welford's mean and spread of all, and the log odds of a number to be an own one; a spread of 0 is taken for 1. */
async function spreadOf(scores: Labelled) {
  let [count, owns, mean, squares] = [0, 0, 0, 0];
  for await (const [value, isOwn] of scores) {
    count++;
    owns += isOwn;
    const off = value - mean;
    mean += off / count;
    squares += off * (value - mean);
  }
  return { mean, spread: Math.sqrt(squares / count) || 1, logPrior: Math.log(owns / (count - owns)) };
}

/** What a and b have too much. */
async function newtonStep(scores: Labelled, standardised: (value: number) => number, a: number, b: number) {
  let [ga, gb, haa, hab, hbb] = [a, 0, 1, 0, 0];
  for await (const [value, isOwn] of scores) {
    const x = standardised(value);
    const p = 1 / (1 + Math.exp(-(a * x + b)));
    const weight = p * (1 - p);
    [ga, gb] = [ga + (p - isOwn) * x, gb + p - isOwn];
    [haa, hab, hbb] = [haa + weight * x * x, hab + weight * x, hbb + weight];
  }
  const determinant = haa * hbb - hab * hab;
  return [(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant] as const;
}
