import { traceHooks, traceScore, type ScorerDefinition, type SymbolicScorer, type TraceablePart } from '@oodkit/core';
import type { Tensor } from '@oodkit/tensor';
import type { FittedDetector } from '../fit/fitted.ts';
import type { LastStages } from '../fit/lens.ts';
import { featuresInput } from './features-input.ts';

/** The output with each image's class: the largest logit of the network without hooks, int64 (N). */
export const predictedOutput = 'predicted';

/** The outputs by which detector number `index` is scored. */
export const outputNames = (index: number) => ({
  score: `detector${index}.score`,
  features: `detector${index}.features`,
  logits: `detector${index}.logits`,
});

/** Whether a scorer is tensor algebra, and so part of the graph. */
export const isSymbolic = (scorer: TraceablePart<ScorerDefinition>): scorer is TraceablePart<SymbolicScorer> =>
  'score' in scorer.definition;

/** What the graph must compute for one detector: its score, or the rows that its function reads. */
export function traceDetector(
  { hooks, scorer }: FittedDetector,
  index: number,
  { head, featureWidth }: LastStages,
): Record<string, Tensor> {
  const context = traceHooks({ features: featuresInput(featureWidth), head }, hooks);
  const names = outputNames(index);
  if (isSymbolic(scorer)) return { [names.score]: traceScore(context, scorer) };
  return { [names.features]: context.features, [names.logits]: context.logits };
}

/** The class that the network without hooks predicts. */
export const tracePredicted = ({ head, featureWidth }: LastStages): Record<string, Tensor> => ({
  [predictedOutput]: traceHooks({ features: featuresInput(featureWidth), head }, []).logits.argMax(),
});
