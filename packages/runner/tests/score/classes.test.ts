import { describe, expect, it } from '@jest/globals';
import type { DatasetImage } from '@farout/core';
import { classesRejected } from '../../src/score/classes.ts';

/** Pseudo-random numbers in 0..1 by a seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An image that is rejected has the score 0, another 1; the threshold is 0.5. */
const rejectedOf = (images: readonly Omit<DatasetImage, 'path'>[], rejected: readonly boolean[]) => {
  const scores = new Map([['D', Float32Array.from(rejected, (is) => (is ? 0 : 1))]]);
  const all = images.map((image) => ({ ...image, path: '/a.png' }));
  return classesRejected({ images: all, predicted: new Int32Array(all.length), scores }, { D: 0.5 })?.D;
};

/** `images` images of each class in turn; a class is rejected at its own rate. */
function simulate(seed: number, classes: number, images: number, rate: (label: number) => number) {
  const next = numbers(seed);
  const all = Array.from({ length: classes * images }, (_, at) => ({ id: String(at), label: at % classes }));
  return rejectedOf(
    all,
    all.map(({ label }) => next() < rate(label)),
  )!;
}

/** Images of classes with these counts, the rejected ones first. */
function counted(counts: readonly (readonly [rejected: number, images: number])[]) {
  const all = counts.flatMap(([rejected, images], label) =>
    Array.from({ length: images }, (_, at) => ({ id: `${label}/${at}`, label, is: at < rejected })),
  );
  return rejectedOf(
    all,
    all.map(({ is }) => is),
  )!;
}

/** C(n, i) pⁱ (1 − p)ⁿ⁻ⁱ, factor by factor. */
function binomial(i: number, n: number, p: number): number {
  let probability = 1;
  for (let factor = 0; factor < i; factor++) probability *= ((n - factor) / (i - factor)) * p;
  return probability * (1 - p) ** (n - i);
}

/** P(X ≥ k). */
function atLeast(k: number, n: number, p: number): number {
  let sum = 0;
  for (let i = k; i <= n; i++) sum += binomial(i, n, p);
  return sum;
}

describe('the classes that are rejected more often than chance', () => {
  it('are named by plain formulas: counts, their probability and its adjustment', () => {
    const counts = [
      [9, 20],
      [0, 20],
      [6, 10],
      [1, 20],
      [2, 25],
      [4, 30],
    ] as const;
    const { share, tested, named } = counted(counts);
    expect([share, tested]).toEqual([22 / 125, 6]);
    const p = counts.map(([k, n]) => atLeast(k, n, 22 / 125));
    // Benjamini and Hochberg: the largest rank r with p₍ᵣ₎ ≤ 5 % · r / 6, and all before it.
    const sorted = p.toSorted((a, b) => a - b);
    const rank = sorted.findLastIndex((value, at) => value <= (0.05 * (at + 1)) / 6);
    expect(rank).toBe(1);
    const expected = counts.flatMap(([rejected, images], label) =>
      p[label]! <= sorted[rank]! ? [{ class: label, rejected, images, p: p[label]! }] : [],
    );
    expect(named).toHaveLength(2);
    for (const { interval, byChance, ...one } of named) {
      const { p: probability, ...known } = expected.find((each) => each.class === one.class)!;
      expect(one).toEqual({ ...known, p: expect.closeTo(probability, 12) });
      expect(byChance).toBeCloseTo(6 * probability, 10);
      // Clopper and Pearson: the shares at which so many or more, and so many or fewer, have a probability of 2.5 %.
      expect(interval.method).toBe('clopper-pearson');
      expect(atLeast(one.rejected, one.images, interval.low)).toBeCloseTo(0.025, 10);
      expect(1 - atLeast(one.rejected + 1, one.images, interval.high)).toBeCloseTo(0.025, 10);
    }
    expect(named[0]!.p).toBeLessThan(named[1]!.p);
  });

  it('stand beside the number that chance alone brings, and 7 of 50 are none where it brings some 12 of 1,000 there', () => {
    // 5 % of all: 30 of 50 in one class, 7 in another, the rest spread evenly.
    const counts = Array.from(
      { length: 1000 },
      (_, label) => [label === 0 ? 7 : label === 1 ? 30 : 2, 50] as [number, number],
    );
    for (let label = 2, missing = 2500 - 37 - 2 * 998; missing > 0; label++, missing--) counts[label] = [3, 50];
    const { share, named } = counted(counts);
    expect(share).toBe(0.05);
    expect(named.map(({ class: label }) => label)).toEqual([1]);
    // SciPy 1.10: 1000 · binom.sf(6, 50, 0.05)
    expect(1000 * atLeast(7, 50, share)).toBeCloseTo(11.786447797264277, 9);
    expect(named[0]!.byChance).toBeCloseTo(1000 * atLeast(30, 50, share), 12);
  });

  it('are rarely any where no class differs: in at most 5 % of simulated runs', () => {
    const runs = Array.from({ length: 400 }, (_, seed) => simulate(seed, 100, 50, () => 0.05));
    const some = runs.filter(({ named }) => named.length > 0).length;
    expect(some / runs.length).toBeLessThanOrEqual(0.05);
  });

  it('are found where one class is bad, and hardly another is named beside it', () => {
    const runs = Array.from({ length: 200 }, (_, seed) =>
      simulate(seed, 100, 50, (label) => (label === 7 ? 0.4 : 0.05)),
    );
    const found = runs.filter(({ named }) => named[0]?.class === 7).length;
    expect(found / runs.length).toBeGreaterThan(0.98);
    const falsely = runs.map(
      ({ named }) => named.filter(({ class: label }) => label !== 7).length / Math.max(named.length, 1),
    );
    expect(falsely.reduce((sum, share) => sum + share, 0) / runs.length).toBeLessThanOrEqual(0.05);
  });

  it('are compared with labelled images alone', () => {
    const known = Array.from({ length: 100 }, (_, at) => ({ id: String(at), label: at % 2 }));
    const unknown = Array.from({ length: 100 }, (_, at) => ({ id: `u${at}` }));
    const all = [...known, ...unknown];
    const found = rejectedOf(
      all,
      all.map((_, at) => at % 10 === 0 || at >= 100),
    );
    expect(found).toMatchObject({ share: 0.1, tested: 2 });
  });

  it('are none where all images have one score', () => {
    expect(
      counted([
        [20, 20],
        [30, 30],
      ]),
    ).toEqual({ share: 1, tested: 2, named: [] });
    expect(
      counted([
        [0, 20],
        [0, 30],
      ]),
    ).toEqual({ share: 0, tested: 2, named: [] });
  });

  it('are not looked for among fewer than two classes, or where images share a source', () => {
    const two = (first: object, second: object) =>
      rejectedOf(
        [
          { id: 'a', label: 0, ...first },
          { id: 'b', label: 1, ...second },
        ],
        [true, false],
      );
    expect(two({}, { label: 0 })).toBeUndefined();
    expect(two({ label: undefined }, {})).toBeUndefined();
    expect(two({ group: 'x' }, { group: 'x' })).toBeUndefined();
    expect(two({ group: 'x' }, { group: 'y' })).toMatchObject({ tested: 2 });
    expect(two({ group: 'x' }, {})).toMatchObject({ tested: 2 });
  });
});
