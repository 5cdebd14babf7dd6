import type { Description, Verdict } from '@farout/verdict';
import { countText, percent, scoreText } from './elements.ts';

/** The threshold that an image is held to: that of its class where the file has one for it, else that of all. */
export function thresholdOf({ threshold }: Description, found?: Pick<Verdict, 'class'>): number {
  const own = threshold.rule === 'conformal' ? threshold.own : undefined;
  return own?.find((each) => each.class === found?.class)?.value ?? threshold.value;
}

/** By which rule the file draws its line, in a sentence. */
export function promiseOf({ threshold, idScores }: Description): string {
  const above = `A photograph is in distribution (ID) when its score exceeds ${scoreText(threshold.value)}`;
  if (threshold.rule === 'tpr') {
    const accepted = (threshold.count - threshold.index - 1) / threshold.count;
    return `${above}, as the scores of ${percent(accepted)} of the run's ${countText(idScores.count)} ID images do.`;
  }
  const refused = `at most ${percent(threshold.alpha)} of photographs like the ${countText(threshold.n)} that it was calibrated on are refused`;
  const own = threshold.own === undefined ? '' : ' Frequent classes have thresholds of their own.';
  return threshold.confidence === undefined
    ? `${above}: ${refused}, on average.${own}`
    : `${above}: with a confidence of ${threshold.confidence}, ${refused}.${own}`;
}

/** Why an image is judged as it is. */
export function becauseOf({ score, isInDistribution }: Verdict, threshold: number): string {
  const does = isInDistribution ? 'exceeds' : 'does not exceed';
  return `Its score, ${scoreText(score)}, ${does} the threshold, ${scoreText(threshold)}.`;
}

export const answerOf = ({ isInDistribution }: Verdict): string =>
  isInDistribution ? 'In distribution' : 'Out of distribution';

export const classOf = ({ label, class: number }: Verdict): string => label ?? `number ${number}`;

/** What a p value says, and that the class of an OOD image says nothing. */
export function readingOf({ p, isInDistribution }: Verdict): string {
  const share = `Of photographs that come as the ID images did, at most ${percent(p)} have a p value as low as this one's.`;
  return isInDistribution
    ? `${share} In distribution does not mean that the class is right.`
    : `${share} The class of an OOD photograph means nothing.`;
}
