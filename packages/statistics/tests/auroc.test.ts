import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aurocParts, covariance, differenceVariance, meanOfParts } from '@farout/statistics';
import { golden } from './parts/golden.ts';

type Detector = readonly [id: readonly number[], ood: readonly number[]];
const partsOf = ([id, ood]: Detector, groups = {}) => aurocParts(Float32Array.from(id), Float32Array.from(ood), groups);

const win = (id: number, ood: number) => (id > ood ? 1 : id === ood ? 0.5 : 0);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const theta = ([id, ood]: Detector) => mean(id.flatMap((x) => ood.map((y) => win(x, y))));
const v10 = ([id, ood]: Detector) => id.map((x) => mean(ood.map((y) => win(x, y))));
const v01 = ([id, ood]: Detector) => ood.map((y) => mean(id.map((x) => win(x, y))));

/** Obuchowski's S, and DeLong's where each group has one image: Σ (V(Xᵢ.) − mᵢθ)(…)′ · I / ((I − 1) m), over m. */
function clustered(a: readonly number[], ta: number, b: readonly number[], tb: number, groups: readonly number[]) {
  const numbers = [...new Set(groups)];
  let sum = 0;
  for (const group of numbers) {
    let [ofA, ofB] = [0, 0];
    for (const [image, own] of groups.entries())
      if (own === group) [ofA, ofB] = [ofA + a[image]! - ta, ofB + b[image]! - tb];
    sum += ofA * ofB;
  }
  return (numbers.length / ((numbers.length - 1) * a.length) / a.length) * sum;
}

function published(a: Detector, b: Detector, groups: readonly [number[], number[]] = [alone(a[0]), alone(a[1])]) {
  const [ta, tb] = [theta(a), theta(b)];
  return clustered(v10(a), ta, v10(b), tb, groups[0]) + clustered(v01(a), ta, v01(b), tb, groups[1]);
}
const alone = (scores: readonly number[]) => [...scores.keys()];

/** Two detectors on the same images, of few distinct scores: ties, infinities, −0. */
const pairs = fc.tuple(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 2, max: 9 })).chain(([m, n]) => {
  const score = fc.constantFrom(-Infinity, -2, -0, 0, 0.5, 1, 3, Infinity);
  const scores = (length: number) => fc.array(score, { minLength: length, maxLength: length });
  return fc.tuple(fc.tuple(scores(m), scores(n)), fc.tuple(scores(m), scores(n)));
});

describe('the parts of an AUROC', () => {
  it.each([...golden.delong.entries()])("give pROC's values and covariances: set %i", (_, { id, ood, ...expected }) => {
    const parts = id.map((scores, detector) => partsOf([scores, ood[detector]!]));
    expected.auroc.forEach((value, at) => expect(Math.abs(parts[at]!.value - value)).toBeLessThan(1e-14));
    const covariances = parts.flatMap((a) => parts.map((b) => covariance(a, b)));
    expected.covariance.forEach((value, at) => expect(Math.abs(covariances[at]! - value)).toBeLessThan(1e-12));
  });

  it("give DeLong's covariance as the published formula does in plain loops", () => {
    fc.assert(
      fc.property(pairs, ([a, b]) => {
        expect(partsOf(a).value).toBeCloseTo(theta(a), 14);
        expect(covariance(partsOf(a), partsOf(b))).toBeCloseTo(published(a, b), 14);
        const spread = published(a, a) + published(b, b) - 2 * published(a, b);
        expect(differenceVariance(partsOf(a), partsOf(b))).toBeCloseTo(spread, 14);
      }),
    );
  });

  it("give Obuchowski's covariance where images share groups", () => {
    const grouped = pairs.chain(([a, b]) => {
      const keys = (scores: readonly number[]) =>
        fc
          .array(fc.integer({ min: 0, max: 2 }), { minLength: scores.length, maxLength: scores.length })
          .map((drawn) => [0, 1, ...drawn.slice(2)].map((key) => (drawn.slice(2).includes(2) ? key : key % 2)));
      return fc.tuple(fc.constant(a), fc.constant(b), keys(a[0]), keys(a[1]));
    });
    fc.assert(
      fc.property(grouped, ([a, b, id, ood]) => {
        const groups = { id: Int32Array.from(id), ood: Int32Array.from(ood) };
        const got = covariance(partsOf(a, groups), partsOf(b, groups));
        expect(got).toBeCloseTo(published(a, b, [id, ood]), 13);
      }),
    );
  });

  it('count what two OOD sets share, the ID images, once in the variance of their mean', () => {
    const both = pairs.chain(([[id, ood], [, other]]) => fc.constant([id, ood, other.slice(1).concat(7, 7)] as const));
    fc.assert(
      fc.property(both, ([id, one, other]) => {
        const [a, b] = [[id, one] as const, [id, other] as const];
        const shared = clustered(v10(a), theta(a), v10(b), theta(b), alone(id));
        const averaged = meanOfParts([partsOf(a), partsOf(b)]);
        expect(averaged.value).toBeCloseTo((theta(a) + theta(b)) / 2, 14);
        expect(covariance(averaged, averaged)).toBeCloseTo((published(a, a) + published(b, b) + 2 * shared) / 4, 14);
      }),
    );
  });

  it('have a difference without variance where two detectors rank the images alike', () => {
    fc.assert(
      fc.property(pairs, ([a]) => {
        const other = a.map((scores) => scores.map((score) => Math.atan(score) * 5)) as unknown as Detector;
        expect(differenceVariance(partsOf(a), partsOf(other))).toBe(0);
      }),
    );
  });

  it('give a mean of ones as 1, whatever their number', () => {
    const perfect = partsOf([
      [2, 3],
      [0, 1],
    ]);
    expect(perfect.value).toBe(1);
    for (let sets = 1; sets <= 60; sets++) expect(meanOfParts(Array(sets).fill(perfect)).value).toBe(1);
  });

  it('give one image a value, but no variance', () => {
    const one = partsOf([[2], [0, 3, 1]]);
    expect(one.value).toBe(2 / 3);
    expect(covariance(one, one)).toBeNaN();
    const together = partsOf(
      [
        [1, 2],
        [0, 3],
      ],
      { ood: Int32Array.of(0, 0) },
    );
    expect(covariance(together, together)).toBeNaN();
  });
});
