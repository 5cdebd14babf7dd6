import { constant, type Tensor } from '@oodkit/tensor';
import type { HookDefinition, LearntTensors } from './contracts/hook.ts';
import type { Learnt } from './contracts/rows.ts';
import type { ScoreContext, SymbolicScorer } from './contracts/scorer.ts';
import { OodkitError } from './errors/oodkit-error.ts';

/** A part that is ready to be traced: its definition, its checked parameters and what it learnt; {} when that is nothing. */
export interface TraceablePart<Definition> {
  readonly definition: Definition;
  readonly params: Readonly<Record<string, unknown>>;
  readonly learnt: Learnt;
}

/**
 * The network's last stages with hooks on them: features h (N, D) rewritten by each hook in turn, then the head, then
 * the logits f = h · Wᵀ + b, (N, K). This is the context that a symbolic scorer sees; with no hooks, the bare network.
 *
 * @throws TensorError when a hook combines tensors that do not fit.
 */
export function traceHooks(
  network: Pick<ScoreContext, 'features' | 'head'>,
  hooks: readonly TraceablePart<HookDefinition>[],
): ScoreContext {
  const parts = hooks.map((part) => ({ ...part, learnt: learntTensors(part) }));
  let { features, head } = network;
  for (const { definition, params, learnt } of parts) {
    features = definition.features?.(features, params, learnt) ?? features;
    head = definition.head?.(head, params, learnt) ?? head;
  }
  let logits = features.linear(head.weight, head.bias);
  for (const { definition, params, learnt } of parts) logits = definition.logits?.(logits, params, learnt) ?? logits;
  return { features, head, logits };
}

/**
 * The score of a symbolic scorer in a context, float32 (N), higher = more in-distribution.
 *
 * @throws OodkitError OOD_DETECTOR_FAILED when what the scorer returns is not one float32 number per image; TensorError
 *   when it combines tensors that do not fit.
 */
export function traceScore(context: ScoreContext, part: TraceablePart<SymbolicScorer>): Tensor {
  const { name, score } = part.definition;
  const traced = score(context, part.params, learntTensors(part));
  const wanted = context.features.shape[0]!;
  if (traced.dtype === 'float32' && traced.shape.length === 1 && traced.shape[0] === wanted) return traced;
  const found = `${traced.dtype} (${traced.shape.join(', ')})`;
  throw new OodkitError('OOD_DETECTOR_FAILED', `scorer "${name}" returns ${found}, expected float32 (${wanted})`, {
    fix: 'Reduce everything but the first axis, which counts the images; cast to float32 at the end.',
  });
}

const learntTensors = ({ definition, learnt }: TraceablePart<{ readonly name: string }>): LearntTensors =>
  Object.fromEntries(
    Object.entries(learnt).map(([name, array]) => [name, constant(array, `${definition.name}.${name}`)]),
  );
