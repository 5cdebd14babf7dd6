import { constant, type Tensor } from '@farout/tensor';
import type { Head } from './contracts/backbone.ts';
import type {
  HookDefinition,
  ImageAccess,
  Learnt,
  LearntTensors,
  ScoreContext,
  SymbolicScorer,
} from './contracts/detector.ts';
import { FaroutError } from './errors/farout-error.ts';

/** A part that is ready to be traced: its definition, its checked parameters and what it learnt; {} when that is nothing. */
export interface TraceablePart<Definition> {
  readonly definition: Definition;
  readonly params: Readonly<Record<string, unknown>>;
  readonly learnt: Learnt;
}

/** A network as it was trained: its features as a tensor, its last layer, and the way to the features where that is at hand. */
export interface TraceableNetwork {
  readonly features: Tensor;
  readonly head: Head;
  /** Absent where a graph begins at the features: a scorer that wants images is then refused. */
  readonly images?: ImageAccess;
}

/**
 * A network with hooks on its last stages: features h (N, D) rewritten by each hook in turn, then the head, then the
 * logits f = h · Wᵀ + b, (N, K). This is the context that a symbolic scorer sees; with no hooks, the bare network.
 *
 * @throws TensorError when a hook combines tensors that do not fit.
 */
export function traceHooks(network: TraceableNetwork, hooks: readonly TraceablePart<HookDefinition>[]): ScoreContext {
  const parts = hooks.map((part) => ({ ...part, learnt: learntTensors(part) }));
  const hooked = (bare: Tensor) =>
    parts.reduce((h, { definition, params, learnt }) => definition.features?.(h, params, learnt) ?? h, bare);
  const head = parts.reduce(
    (w, { definition, params, learnt }) => definition.head?.(w, params, learnt) ?? w,
    network.head,
  );
  const logitsFrom = (features: Tensor) =>
    parts.reduce(
      (z, { definition, params, learnt }) => definition.logits?.(z, params, learnt) ?? z,
      features.linear(head.weight, head.bias),
    );
  const features = hooked(network.features);
  const featuresOf = (image: Tensor) => hooked(imagesOf(network).featuresOf(image));
  return {
    features,
    head,
    logits: logitsFrom(features),
    get image() {
      return imagesOf(network).image;
    },
    get std() {
      return imagesOf(network).std;
    },
    featuresOf,
    logitsOf: (image) => logitsFrom(featuresOf(image)),
  };
}

function imagesOf({ images }: TraceableNetwork): ImageAccess {
  if (images) return images;
  throw new FaroutError('OOD_DETECTOR_FAILED', 'it reads images, but here are only features');
}

/**
 * The score of a symbolic scorer in a context, float32 (N), higher = more in-distribution.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when what the scorer returns is not one float32 number per image; TensorError
 *   when it combines tensors that do not fit.
 */
export function traceScore(context: ScoreContext, part: TraceablePart<SymbolicScorer>): Tensor {
  const { name, score } = part.definition;
  const traced = score(context, part.params, learntTensors(part)) as Tensor | undefined;
  const wanted = context.features.shape[0]!;
  if (traced?.dtype === 'float32' && traced.shape.length === 1 && traced.shape[0] === wanted) return traced;
  const found = traced?.shape ? `${traced.dtype} (${traced.shape.join(', ')})` : 'no tensor';
  throw new FaroutError('OOD_DETECTOR_FAILED', `scorer "${name}" returns ${found}, expected float32 (${wanted})`, {
    fix: 'Reduce everything but the first axis, which counts the images; cast to float32 at the end.',
  });
}

const learntTensors = ({ definition, learnt }: TraceablePart<{ readonly name: string }>): LearntTensors =>
  Object.fromEntries(
    Object.entries(learnt).map(([name, array]) => [name, constant(array, `${definition.name}.${name}`)]),
  );
