import type { Tensor } from '@farout/tensor';
import type { Head } from './contracts/backbone.ts';
import { FaroutError } from './errors/farout-error.ts';

/** Smaller than any meaningful feature norm; the same minimum as in PyTorch's `normalize`. */
const least = 1e-12;

/**
 * The input of a last layer: the features, or h / max(‖h‖₂, 10⁻¹²) if it normalises them. All-zero features stay zero, and their logits are
 * the bias.
 *
 * features h, float32 (N, D) → (N, D).
 */
export const headInput = (features: Tensor, { normalise }: Pick<Head, 'normalise'>): Tensor =>
  normalise ? features.div(features.norm(-1, { keepDims: true }).maximum(least)) : features;

/** The logits of a last layer: `headInput` · Wᵀ + b. float32 (N, D) → (N, K). */
export const headLogits = (features: Tensor, head: Head): Tensor =>
  headInput(features, head).linear(head.weight, head.bias);

/**
 * Calls a part with its arguments, and fails if it reads the weights of a normalising last layer without checking `normalise` or reading
 * the layer's input: it would multiply the weights with the unnormalised features.
 *
 * @internal
 * @throws FaroutError OOD_DETECTOR_FAILED
 */
export function readingHead<At extends { readonly head: Head }, Result>(
  part: string,
  at: At,
  work: (at: At) => Result,
): Result {
  const { head } = at;
  if (!head.normalise) return work(at);
  const taken = new Set<PropertyKey>();
  const result = work(noting(at, taken, { head: noting(head, taken) }));
  if (taken.has('weight') && !taken.has('headInput') && !taken.has('normalise')) throw ignoresInput(part);
  return result;
}

/** A proxy of an object, with some members replaced, that records which members are read. */
const noting = <T extends object>(of: T, taken: Set<PropertyKey>, others: Readonly<Record<string, unknown>> = {}): T =>
  new Proxy(of, {
    get(target, member): unknown {
      taken.add(member);
      return Reflect.has(others, member) ? Reflect.get(others, member) : Reflect.get(target, member, target);
    },
  });

/**
 * The error for such a part.
 *
 * @internal
 */
export const ignoresInput = (part: string): FaroutError =>
  new FaroutError(
    'OOD_DETECTOR_FAILED',
    `"${part}" uses weights of the last layer, but not the layer's input: features divided by their length`,
    {
      fix: 'Let it read "headInput" instead of "features". Or export the encoder with the normalisation included, and remove "normalise".',
    },
  );
