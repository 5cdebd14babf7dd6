import { describe, expect, it } from '@jest/globals';
import type { Description } from '@farout/verdict';
import { pText, scoreText } from '../src/page/elements.ts';
import { becauseOf, promiseOf, thresholdOf } from '../src/page/words.ts';

const idScores = { count: 1000, scores: [1, 2, 3] };
const conformal = { rule: 'conformal', value: 7.5, score: 7.6, tpr: 0.95, alpha: 0.05, k: 10, n: 200 } as const;
const own = [{ class: 3, value: -2, score: -1.9, k: 2, n: 50 }];
const saying = (threshold: Description['threshold']) => ({ threshold, idScores }) as Description;

describe('the page says', () => {
  it('what share of the ID images a threshold of the run accepts', () => {
    const threshold = { rule: 'tpr', value: 7.5121, score: 7.5, tpr: 0.95, index: 50, count: 1000 } as const;
    expect(promiseOf(saying(threshold))).toBe(
      "A photograph is in distribution (ID) if its score exceeds 7.512. The scores of 94.9 % of the run's 1,000 ID images do.",
    );
  });

  it.each([
    ['on average', conformal, /7\.500\. On average, at most 5\.0 % .* the 200 used for calibration are rejected\.$/],
    ['with a confidence', { ...conformal, confidence: 0.99 }, /With a confidence of 0\.99, at most 5\.0 % of/],
    ['of classes', { ...conformal, own }, /Frequent classes have their own thresholds\.$/],
  ])('what a calibrated threshold promises: %s', (_, threshold, promise) => {
    expect(promiseOf(saying(threshold))).toMatch(promise);
  });

  it("the threshold of the image's class, where that has one", () => {
    const description = saying({ ...conformal, own });
    expect([3, 4].map((each) => thresholdOf(description, { class: each }))).toEqual([-2, 7.5]);
    expect(thresholdOf(saying(conformal), { class: 3 })).toBe(7.5);
  });

  it('why an image is judged so', () => {
    const verdict = { score: -3.25, isInDistribution: false, class: 0, probability: 1, lower: 0, p: 0.001 };
    expect(becauseOf(verdict, -2)).toBe('Its score, −3.250, does not exceed the threshold, −2.000.');
  });

  it.each([
    [10.6671, '10.667'],
    [-0.00004, '−4.000e-5'],
    [0, '0.000'],
    [12_345.67, '12345.7'],
    [-3e8, '−3.000e+8'],
    [Infinity, '∞'],
    [-Infinity, '−∞'],
    [NaN, 'NaN'],
  ])('a score of %d', (score, text) => {
    expect(scoreText(score)).toBe(text);
  });

  it('a p value with two digits', () => {
    expect([0.001, 0.0123, 0.256, 1].map(pText)).toEqual(['0.0010', '0.012', '0.26', '1.00']);
  });
});
