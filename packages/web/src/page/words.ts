import type { Description, Verdict } from '@farout/verdict';
import { countText, percent, scoreText } from './elements.ts';

/** The threshold for an image: that of its class if the file has one, otherwise the general one. */
export function thresholdOf({ threshold }: Description, found?: Pick<Verdict, 'class'>): number {
  const own = threshold.rule === 'conformal' ? threshold.own : undefined;
  return own?.find((each) => each.class === found?.class)?.value ?? threshold.value;
}

/** What the threshold of the file means, in a sentence. */
export function promiseOf({ threshold, idScores }: Description): string {
  const above = `A photograph is in distribution (ID) if its score exceeds ${scoreText(threshold.value)}`;
  if (threshold.rule === 'tpr') {
    const accepted = (threshold.count - threshold.index - 1) / threshold.count;
    return `${above}. The scores of ${percent(accepted)} of the run's ${countText(idScores.count)} ID images do.`;
  }
  const refused = `at most ${percent(threshold.alpha)} of photographs like the ${countText(threshold.n)} used for calibration are rejected`;
  const own = threshold.own === undefined ? '' : ' Frequent classes have their own thresholds.';
  return threshold.confidence === undefined
    ? `${above}. On average, ${refused}.${own}`
    : `${above}. With a confidence of ${threshold.confidence}, ${refused}.${own}`;
}

/** The reason for a verdict. */
export function becauseOf({ score, isInDistribution }: Verdict, threshold: number): string {
  const does = isInDistribution ? 'exceeds' : 'does not exceed';
  return `Its score, ${scoreText(score)}, ${does} the threshold, ${scoreText(threshold)}.`;
}

export const answerOf = ({ isInDistribution }: Verdict): string =>
  isInDistribution ? 'In distribution' : 'Out of distribution';

export const classOf = ({ label, class: number }: Verdict): string => label ?? `number ${number}`;

/** The meaning of the p value, and a caution about the class. */
export function readingOf({ p, isInDistribution }: Verdict): string {
  const share = `Of photographs from the same distribution as the ID images, at most ${percent(p)} have a p value this low.`;
  return isInDistribution
    ? `${share} “In distribution” does not mean that the class is correct.`
    : `${share} The class of an OOD photograph is meaningless.`;
}
