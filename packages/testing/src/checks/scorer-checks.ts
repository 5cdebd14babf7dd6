import type { ScorerSubject } from '../scorer-subject.ts';
import type { Check } from './check.ts';
import { partChecks } from './part.ts';
import { scoreGradient } from './score-gradient.ts';
import { scoreShape } from './score-shape.ts';
import { scoresFromFile } from './scorer.ts';
import { sureAboveFlat } from './sure-above-flat.ts';

/** The contract of a scorer. */
export const scorerChecks: readonly Check<ScorerSubject>[] = [
  ...partChecks,
  scoreShape,
  sureAboveFlat,
  scoresFromFile,
  scoreGradient,
];
