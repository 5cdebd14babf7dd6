import { describe, expect, it } from '@jest/globals';
import { betaBinomialUpperTail, driftTest } from '@farout/statistics';
import { lookAt, readDescription, watchedGroups, watchOf, type Description, type Judged } from '../src/index.ts';
import { sumDetector } from './parts/sum-detector.ts';

const conformal = { rule: 'conformal', value: 10, score: 11, tpr: 0.95, alpha: 0.05 } as const;
const described = (more: Partial<Description>) => readDescription(sumDetector(more));
const calibrated = described({ threshold: { ...conformal, k: 10, n: 200 } });
const own = [
  { class: 2, value: 5, score: 6, k: 2, n: 40 },
  { class: 7, value: 8, score: 9, k: 3, n: 70 },
];
const perClass = described({
  threshold: { ...conformal, k: 4, n: 90, own },
  predicted: new Array<number>(10).fill(30),
});

const images = (count: number, refused: number, number = 0): Judged[] =>
  Array.from({ length: count }, (_, at) => ({ class: number, isInDistribution: at >= refused }));

describe('what a threshold promises', () => {
  it('is k of n + 1 of a calibration', async () => {
    expect(watchedGroups(await calibrated)).toEqual([{ k: 10, n: 200 }]);
  });

  it('is of each class that has one of its own, and of all others, if there are others', async () => {
    const groups = [
      { class: 2, k: 2, n: 40 },
      { class: 7, k: 3, n: 70 },
    ];
    expect(watchedGroups(await perClass)).toEqual([...groups, { k: 4, n: 90 }]);
    expect(watchedGroups({ ...(await perClass), predicted: [30, 30] })).toEqual(groups);
  });

  it("is, of a run's threshold, by the ID score behind it", async () => {
    const scores = Array.from({ length: 100 }, (_, at) => at);
    const threshold = { rule: 'tpr', value: 4.5, score: 4, tpr: 0.95, index: 4, count: 100 } as const;
    expect(watchedGroups(await described({ threshold, idScores: { count: 100, scores } }))).toEqual([{ k: 6, n: 100 }]);
    const tied = scores.map((score) => (score === 3 ? 4 : score));
    const known = await described({ threshold: { ...threshold, index: 3 }, idScores: { count: 100, scores: tied } });
    expect(() => watchedGroups(known)).toThrow(expect.objectContaining({ code: 'OOD_WATCH_REFUSED' }));
  });

  it.each([
    { k: 5, n: 4 },
    { k: 1, n: Number.MAX_SAFE_INTEGER },
  ])('is none by a rank that a foreign file makes up: %p', async (rank) => {
    const description = await described({ threshold: { ...conformal, ...rank } });
    expect(() => lookAt(description, [])).toThrow(expect.objectContaining({ code: 'OOD_DETECTOR_FILE_INVALID' }));
  });
});

describe('one look', () => {
  it('has the p value of the beta-binomial distribution', async () => {
    const look = lookAt(await calibrated, images(650, 61));
    const p = betaBinomialUpperTail(61, 650, { k: 10, n: 200 });
    expect(look).toEqual({ images: 650, refused: 61, p, groups: [{ k: 10, n: 200, images: 650, refused: 61, p }] });
  });

  it('has, of several groups, the smallest times their number, of those that have images', async () => {
    const look = lookAt(await perClass, [...images(50, 20, 2), ...images(30, 1, 5)]);
    const p = betaBinomialUpperTail(20, 50, { k: 2, n: 40 });
    expect(look).toMatchObject({ images: 80, refused: 21, p: 2 * p });
    expect(look.groups.map((group) => [group.class, group.images, group.refused])).toEqual([
      [2, 50, 20],
      [undefined, 30, 1],
    ]);
    expect(lookAt(await perClass, images(30, 0, 5)).p).toBe(1);
  });
});

describe('a look after every image', () => {
  it('has the evidence of a drift test', async () => {
    const test = driftTest({ k: 10, n: 200 });
    const watch = watchOf(await calibrated);
    for (const image of images(60, 30)) {
      watch.add(image);
      test.add(!image.isInDistribution);
      expect([watch.evidence(), watch.reaches(100)]).toEqual([test.evidence(), test.evidence() >= 100]);
    }
    expect(watch.groups()).toEqual([{ k: 10, n: 200, images: 60, refused: 30, evidence: watch.evidence() }]);
  });

  it('has, of several groups, the mean of theirs: one that drifts is enough', async () => {
    const watch = watchOf(await perClass);
    for (const image of [...images(40, 40, 7), ...images(40, 0, 1)]) watch.add(image);
    const [first, second, others] = watch.groups();
    expect(first!.evidence).toBe(1);
    expect(watch.evidence()).toBeCloseTo((1 + second!.evidence + others!.evidence) / 3, 10);
    expect([others!.evidence < 1, watch.reaches(100)]).toEqual([true, true]);
  });
});
