import {
  traceHooks,
  traceScore,
  type ImageAccess,
  type ScorerDefinition,
  type SymbolicScorer,
  type TraceablePart,
} from '@farout/core';
import type { Tensor } from '@farout/tensor';
import type { FittedDetector } from '../fit/fitted.ts';
import type { LastStages } from '../fit/lens.ts';
import { featuresInput } from '../extraction/features-input.ts';

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

/** What must be computed for one detector: outputs of the graph over stored features, or a score of each image. */
export type Traced = { readonly onFeatures: Readonly<Record<string, Tensor>> } | { readonly onImages: Tensor };

/**
 * Traces a detector over stored features: its score, or the rows that its function reads. A scorer that turns out to look
 * at the images is traced over these.
 */
export function traceDetector({ hooks, scorer }: FittedDetector, index: number, stages: LastStages): Traced {
  const { head, featureWidth, images } = stages;
  const features = featuresInput(featureWidth);
  const names = outputNames(index);
  if (!isSymbolic(scorer)) {
    const context = traceHooks({ features, head }, hooks);
    return { onFeatures: { [names.features]: context.features, [names.logits]: context.logits } };
  }
  const watched = images && watch(images);
  const onFeatures = () =>
    traceScore(traceHooks({ features, head, ...(watched && { images: watched.access }) }, hooks), scorer);
  try {
    const score = onFeatures();
    if (!watched?.wasUsed()) return { onFeatures: { [names.score]: score } };
  } catch (error) {
    // Stored features do not depend on the image, which a gradient by it may not like.
    if (!watched?.wasUsed()) throw error;
  }
  const network = { features: images!.featuresOf(images!.image), head, images: images! };
  return { onImages: traceScore(traceHooks(network, hooks), scorer) };
}

/** The same access to the images, and whether anybody used it. */
function watch(images: ImageAccess) {
  let used = false;
  const access: ImageAccess = {
    get image() {
      used = true;
      return images.image;
    },
    std: images.std,
    featuresOf: images.featuresOf,
  };
  return { access, wasUsed: () => used };
}

/** The class that the network without hooks predicts. */
export const tracePredicted = ({ head, featureWidth }: LastStages): Record<string, Tensor> => ({
  [predictedOutput]: traceHooks({ features: featuresInput(featureWidth), head }, []).logits.argMax(),
});
