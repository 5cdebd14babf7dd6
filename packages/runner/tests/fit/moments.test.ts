import { describe, expect, it } from '@jest/globals';
import type { RowBatch, RowStream } from '@farout/core';
import { LearntStore } from '../../src/fit/learnt.ts';
import { sharedMoments } from '../../src/fit/moments.ts';
import type { RowPlan } from '../../src/fit/rows.ts';
import { Entries } from '../../src/store/entries.ts';
import { FileStore } from '../../src/store/store.ts';
import { silent, temporaryFolder } from '../fixtures/tiny.ts';

const rows = [
  [1, 2],
  [3, 5],
  [-2, 0],
  [4, 4],
];
const labels = [0, 1, 0, 1];

/** A stream of the rows that counts how often it is read. */
function counted() {
  let reads = 0;
  const stream: RowStream = {
    count: rows.length,
    async *[Symbol.asyncIterator]() {
      reads++;
      for (let at = 0; at < rows.length; at += 3) {
        const some = rows.slice(at, at + 3);
        const features = { data: Float32Array.from(some.flat()), shape: [some.length, 2] as const };
        const batch = { features, labels: Int32Array.from(labels.slice(at, at + 3)) };
        yield await Promise.resolve(batch as unknown as RowBatch);
      }
    },
  };
  return { stream, reads: () => reads };
}

const plan = (reads: readonly string[]): RowPlan => ({ reads, direct: new Map(), traced: {}, behind: [] });

async function source(reads: readonly string[] = ['features', 'labels']) {
  const store = new FileStore(await temporaryFolder());
  const learnt = new LearntStore(new Entries({ store, logger: silent }));
  const { stream, reads: times } = counted();
  return { given: { rows: stream, plan: plan(reads), fingerprint: 'set', classes: 3, learnt }, times };
}

const mean = (all: readonly number[][]) => [0, 1].map((j) => all.reduce((sum, row) => sum + row[j]!, 0) / all.length);

function covarianceAbout(all: readonly number[][], centre: (i: number) => number[]): number[] {
  const sums = [0, 0, 0, 0];
  all.forEach((row, i) => {
    const away = row.map((value, j) => value - centre(i)[j]!);
    for (let a = 0; a < 2; a++) for (let b = 0; b < 2; b++) sums[a * 2 + b]! += (away[a]! * away[b]!) / all.length;
  });
  return sums;
}

describe('sharedMoments', () => {
  it('gives count, mean and covariance of rows, as plain loops do', async () => {
    const { given } = await source();
    const found = await sharedMoments(given).moments('features');
    expect(found.count).toBe(4);
    expectClose(found.mean, mean(rows));
    expectClose(
      found.covariance,
      covarianceAbout(rows, () => mean(rows)),
    );
  });

  it('gives the means of classes, NaN for one without rows, and what is left about them', async () => {
    const { given } = await source();
    const found = await sharedMoments(given).classMoments('features');
    const ofClass = (k: number) => mean(rows.filter((_, i) => labels[i] === k));
    expectClose(found.classCounts, [2, 2, 0]);
    expectClose(found.classMeans.subarray(0, 4), [...ofClass(0), ...ofClass(1)]);
    expect(found.classMeans[4]).toBeNaN();
    expectClose(
      found.withinClass,
      covarianceAbout(rows, (i) => ofClass(labels[i]!)),
    );
  });

  it('divides rows by their length where that is asked for', async () => {
    const { given } = await source();
    const unit = rows.map((row) => row.map((value) => value / Math.hypot(...row)));
    expectClose((await sharedMoments(given).moments('features', { normalised: true })).mean, mean(unit));
  });

  it('reads the rows once for all who ask for the same, also in a later run', async () => {
    const { given, times } = await source();
    await sharedMoments(given).moments('features');
    await sharedMoments(given).moments('features');
    expect(times()).toBe(1);
    await sharedMoments(given).moments('features', { normalised: true });
    await sharedMoments({ ...given, fingerprint: 'another set' }).moments('features');
    expect(times()).toBe(3);
  });

  it('refuses rows that the step does not read', async () => {
    const { given } = await source(['features']);
    const { moments, classMoments } = sharedMoments(given);
    await expect(moments('maxima')).rejects.toMatchObject({ message: expect.stringContaining('moments of maxima') });
    await expect(classMoments('features')).rejects.toMatchObject({ message: expect.stringContaining('labels') });
  });
});

function expectClose(found: Float64Array, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 6));
}
