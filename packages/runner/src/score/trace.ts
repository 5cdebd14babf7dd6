import {
  traceHooks,
  traceScore,
  type FailedDetector,
  type ImageAccess,
  type ScoreContext,
  type ScorerDefinition,
  type SymbolicScorer,
  type TraceablePart,
} from '@farout/core';
import type { Tensor } from '@farout/tensor';
import { featuresInput } from '../extraction/graphs.ts';
import type { FittedDetector } from '../fit/fit.ts';
import type { LastStages } from '../fit/lens.ts';
import { failure } from '../plugins/failure.ts';

/** Which detectors are scored on stored features and which on images, by their index; and those that could not be built. */
export interface ScorePlan {
  readonly onFeatures: ReadonlyMap<number, Readonly<Record<string, Tensor>>>;
  readonly onImages: ReadonlyMap<number, Tensor>;
  readonly failed: readonly FailedDetector[];
}

/** Traces every detector; one that fails does not stop the others. */
export function planScores(detectors: readonly FittedDetector[], stages: LastStages): ScorePlan {
  const onFeatures = new Map<number, Readonly<Record<string, Tensor>>>();
  const onImages = new Map<number, Tensor>();
  const failed: FailedDetector[] = [];
  for (const [index, detector] of detectors.entries()) {
    try {
      const traced = traceDetector(detector, index, stages);
      if ('onImages' in traced) onImages.set(index, traced.onImages);
      else onFeatures.set(index, traced.onFeatures);
    } catch (error) {
      failed.push(failure(detector.name, error));
    }
  }
  return { onFeatures, onImages, failed };
}

/** What must be computed for one detector: outputs of the graph over stored features, or a score of each image. */
type Traced = { readonly onFeatures: Readonly<Record<string, Tensor>> } | { readonly onImages: Tensor };

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
    // Its rows are looked at when they are there.
    return { onFeatures: { [names.features]: context.features, [names.logits]: context.logits } };
  }
  const watched = images && watch(images);
  const onFeatures = () =>
    soundScore(traceHooks({ features, head, ...(watched && { images: watched.access }) }, hooks), scorer);
  try {
    const score = onFeatures();
    if (!watched?.wasUsed()) return { onFeatures: { [names.score]: score } };
  } catch (error) {
    // Stored features do not depend on the image, which a gradient by it may not like.
    if (!watched?.wasUsed()) throw error;
  }
  const network = { features: images!.featuresOf(images!.image), head, images: images! };
  return { onImages: soundScore(traceHooks(network, hooks), scorer) };
}

/** Whether a scorer is tensor algebra, and so part of the graph. */
const isSymbolic = (scorer: TraceablePart<ScorerDefinition>): scorer is TraceablePart<SymbolicScorer> =>
  'score' in scorer.definition;

/** The output with each image's class: the largest logit of the network without hooks, −1 where one is NaN, int64 (N). */
export const predictedOutput = 'predicted';

/** The outputs by which detector number `index` is scored. */
export const outputNames = (index: number) => ({
  score: `detector${index}.score`,
  features: `detector${index}.features`,
  logits: `detector${index}.logits`,
});

/**
 * The score, and NaN for images of which any features or logits that the scorer reads hold NaN: its formula may pass over
 * it, as onnxruntime's maximum does unless it comes first.
 */
function soundScore(context: ScoreContext, scorer: TraceablePart<SymbolicScorer>): Tensor {
  const read = new Set<Tensor>();
  const definition: SymbolicScorer = {
    ...scorer.definition,
    score: (given, params, learnt) => scorer.definition.score(noting(given, read), params, learnt),
  };
  const score = traceScore(context, { ...scorer, definition });
  return [...read].reduce((sound, rows) => isSound(rows).where(sound, NaN), score);
}

/** The same context, which notes the features and logits that are taken from it. */
function noting(context: ScoreContext, read: Set<Tensor>): ScoreContext {
  const note = (tensor: Tensor) => {
    read.add(tensor);
    return tensor;
  };
  return {
    get features() {
      return note(context.features);
    },
    get logits() {
      return note(context.logits);
    },
    head: context.head,
    get image() {
      return context.image;
    },
    get std() {
      return context.std;
    },
    featuresOf: (image) => note(context.featuresOf(image)),
    logitsOf: (image) => note(context.logitsOf(image)),
  };
}

/** Whether all of a row are numbers, bool (N): NaN alone is not equal to itself. */
const isSound = (rows: Tensor): Tensor => rows.equal(rows).where(0, 1).sum().equal(0);

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
export function tracePredicted({ head, featureWidth }: LastStages): Record<string, Tensor> {
  const { logits } = traceHooks({ features: featuresInput(featureWidth), head }, []);
  return { [predictedOutput]: isSound(logits).where(logits.argMax(), -1) };
}
