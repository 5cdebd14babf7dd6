import type { Tensor } from '@farout/tensor';
import type { Head } from './contracts/backbone.ts';
import { FaroutError } from './errors/farout-error.ts';

/** Less than any length of which features have meaning; PyTorch's `normalize` divides by no smaller one either. */
const least = 1e-12;

/**
 * What a last layer reads of features: themselves, or h / max(‖h‖₂, 10⁻¹²) where it normalises them. Features of zeros stay zeros, and
 * their logits are the bias.
 *
 * features h, float32 (N, D) → (N, D).
 */
export const headInput = (features: Tensor, { normalise }: Pick<Head, 'normalise'>): Tensor =>
  normalise ? features.div(features.norm(-1, { keepDims: true }).maximum(least)) : features;

/** The logits that a last layer gives for features: `headInput` · Wᵀ + b. float32 (N, D) → (N, K). */
export const headLogits = (features: Tensor, head: Head): Tensor =>
  headInput(features, head).linear(head.weight, head.bias);

/**
 * Hands a part what it is given, and refuses one that takes the weights of a last layer which normalises, and looks neither at that nor at
 * what the layer reads: it would multiply them with the features themselves.
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

/** The same, with other members in the place of some, which notes what is taken of it. */
const noting = <T extends object>(of: T, taken: Set<PropertyKey>, others: Readonly<Record<string, unknown>> = {}): T =>
  new Proxy(of, {
    get(target, member): unknown {
      taken.add(member);
      return Reflect.has(others, member) ? Reflect.get(others, member) : Reflect.get(target, member, target);
    },
  });

/**
 * Why such a part is refused.
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
