import { describe, expect, it } from '@jest/globals';
import { driftTest, type DriftState, type Promised } from '@farout/statistics';
import { keeps, kinds, type Kind } from './parts/conformal-simulation.ts';
import { delays, falseAlarms } from './parts/drift-streams.ts';
import { expectNear } from './parts/golden.ts';

const watched = (promised: Promised, refusals: readonly boolean[], from?: DriftState) => {
  const test = driftTest(promised, from);
  refusals.forEach((isRefused) => test.add(isRefused));
  return test;
};

/** Refusals written as 1, acceptances as 0. */
const read = (text: string) => Array.from(text, (letter) => letter === '1');

describe('the evidence of a drift', () => {
  it.each([
    [{ k: 10, n: 199 }, '0000000000'],
    [{ k: 10, n: 199 }, '1111100000'],
    [{ k: 10, n: 199 }, '0001011011'],
    [{ k: 1, n: 19 }, '0100000110'],
    [{ k: 3, n: 9 }, '1111111111'],
  ])(
    'is the mixture over shares and moments of change, by the largest likelihood without drift: %p %s',
    (promised, text) => {
      const refusals = read(text);
      expectNear(
        watched(promised, refusals).evidence(),
        mixture(refusals, promised) / largest(refusals, promised),
        1e-7,
      );
    },
  );

  it('is worth at most 1 on average, however one stops: with the urn, and where ties refuse fewer', () => {
    for (const promised of [
      { k: 1, n: 19 },
      { k: 10, n: 199 },
      { k: 4, n: 9 },
    ])
      for (const law of laws(promised)) expect(bestStop(promised, law, 10)).toBeLessThanOrEqual(1 + 1e-9);
  });

  it('goes on from what was seen as if nothing had come between', () => {
    const refusals = read('0010110100010111010011101');
    const before = watched({ k: 5, n: 99 }, refusals.slice(0, 11)).state();
    const carried = watched({ k: 5, n: 99 }, refusals.slice(11), JSON.parse(JSON.stringify(before)) as DriftState);
    const whole = watched({ k: 5, n: 99 }, refusals);
    expect([carried.state(), carried.evidence()]).toEqual([whole.state(), whole.evidence()]);
  });

  it('is a number whatever comes: nothing refused, or everything, of a hundred thousand', () => {
    for (const promised of [
      { k: 1, n: 19 },
      { k: 100, n: 2000 },
      { k: 1, n: 1 },
      { k: 50_000, n: 999_999 },
    ]) {
      const none = watched(promised, new Array<boolean>(100_000).fill(false));
      const all = watched(promised, new Array<boolean>(100_000).fill(true));
      for (const test of [none, all]) expect(Number.isFinite(test.evidence())).toBe(true);
      expect([none.evidence() < 1, none.reaches(1), all.reaches(all.evidence())]).toEqual([true, false, true]);
    }
  });

  it.each([
    { images: 1, refused: 2, values: new Array<number>(8).fill(0) },
    { images: 1, refused: 0, values: [0] },
    { images: 1, refused: 0, values: new Array<number>(8).fill(-1) },
    { images: 1, refused: 0, values: new Array<number>(8).fill(NaN) },
    { images: 0.5, refused: 0, values: new Array<number>(8).fill(0) },
  ])('does not go on from what no test has seen: %p', (state) => {
    expect(() => driftTest({ k: 1, n: 19 }, state)).toThrow(RangeError);
    expect(() => driftTest({ k: 0, n: 19 })).toThrow(RangeError);
  });
});

/** `npm run fidelity -- drift` does the same with 5,000 streams of 20,000 images. */
describe('by simulation', () => {
  it.each(Object.keys(kinds) as Kind[])('no more streams without drift ever alarm than promised: %s', (kind) => {
    const found = [200, 650].map((n) => falseAlarms({ n, kind, streams: 400, images: 1500 }, 0.05));
    expect(found.filter((each) => !keeps(each))).toEqual([]);
  });

  it('a share of 20 % in place of 5 % is found within some hundred images', () => {
    for (const before of [0, 3000]) {
      const found = delays(
        { n: 650, kind: 'all different', streams: 40, images: 1000 },
        { alpha: 0.01, before, changed: 0.2 },
      );
      expect(found[36]).toBeLessThan(300);
    }
  });
});

/** Σ over moments of change and shares, each of its own: what the alternative gives the images, with its prior. */
function mixture(refusals: readonly boolean[], promised: Promised): number {
  const unchanged = (images: number) => (images === 0 ? 1 : 0.5 / (1 + Math.log(1 + (images - 1) / 1000)));
  let sum = unchanged(refusals.length) * urn(refusals, promised);
  for (let change = 0; change < refusals.length; change++)
    for (let power = 1; power <= 8; power++) {
      const odds = (1.5 ** power * promised.k) / (promised.n + 1 - promised.k);
      const changed = refusals
        .slice(change)
        .reduce((product, isRefused) => (product * (isRefused ? odds : 1)) / (1 + odds), 1);
      const prior = (unchanged(change) - unchanged(change + 1)) / 8;
      sum += prior * urn(refusals.slice(0, change), promised) * changed;
    }
  return sum;
}

/** The urn's probability of these images, one after the other. */
function urn(refusals: readonly boolean[], { k, n }: Promised): number {
  let [refused, product] = [k, 1];
  refusals.forEach((isRefused, at) => {
    const next = refused / (n + 1 + at);
    product *= isRefused ? next : 1 - next;
    refused += Number(isRefused);
  });
  return product;
}

/** E[max over p ≤ U of the likelihood of p], U ~ Beta(k, n + 1 − k), by the midpoint rule. */
function largest(refusals: readonly boolean[], { k, n }: Promised): number {
  const steps = 200_000;
  const [m, r] = [refusals.length, refusals.filter(Boolean).length];
  let [sum, mass] = [0, 0];
  for (let step = 0; step < steps; step++) {
    const u = (step + 0.5) / steps;
    const p = Math.min(u, r / m);
    const density = u ** (k - 1) * (1 - u) ** (n - k);
    mass += density;
    sum += density * p ** r * (1 - p) ** (m - r);
  }
  return sum / mass;
}

/** Shares that may be refused in truth, each with its probability. */
type Law = readonly (readonly [share: number, probability: number])[];

/** Beta(k, n + 1 − k) in many steps, and what ties make of it: each share lowered to the next of a few, or all but the highest to 0. */
function laws({ k, n }: Promised): Law[] {
  const steps = Array.from({ length: 400 }, (_, step) => (step + 0.5) / 400);
  const densities = steps.map((u) => u ** (k - 1) * (1 - u) ** (n - k));
  const mass = densities.reduce((sum, each) => sum + each, 0);
  const lowered = (by: (share: number) => number): Law => steps.map((u, at) => [by(u), densities[at]! / mass]);
  const few = [0.3, 0.12, 0.08, 0.05, 0.02, 0];
  const mean = k / (n + 1);
  return [
    lowered((share) => share),
    lowered((share) => few.find((each) => each <= share)!),
    lowered((share) => (share < mean ? 0 : mean)),
    lowered((share) => (share < 1.5 * mean ? 0 : share)),
    lowered((share) => Math.max(0, share - mean / 3)),
  ];
}

/** The largest E that one can have on average by looking at every image, of so many, and stopping when one likes. */
function bestStop(promised: Promised, law: Law, images: number, state?: DriftState): number {
  const test = driftTest(promised, state);
  if (images === 0) return test.evidence();
  const mass = law.reduce((sum, [, probability]) => sum + probability, 0);
  let goingOn = 0;
  for (const isRefused of [true, false]) {
    const next = law.map(([share, probability]) => [share, probability * (isRefused ? share : 1 - share)] as const);
    const chance = next.reduce((sum, [, probability]) => sum + probability, 0) / mass;
    if (chance === 0) continue;
    const further = watched(promised, [isRefused], test.state());
    goingOn += chance * bestStop(promised, next, images - 1, further.state());
  }
  return Math.max(test.evidence(), goingOn);
}
