import { FaroutError } from './errors/farout-error.ts';

/**
 * Gives what a part may use the seed. Of a part that does not say that it draws, reading the seed is an error: it would be left out where
 * an experiment of several seeds repeats what draws.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED, when the seed is read.
 * @internal
 */
export function withSeed<T extends object>(
  context: T,
  seed: number,
  { name, draws }: { readonly name: string; readonly draws?: true },
): T & { readonly seed: number } {
  if (draws) return Object.assign(context, { seed });
  // Not enumerable, so that a copy of the context reads nothing.
  return Object.defineProperty(context, 'seed', {
    get: () => {
      throw new FaroutError(
        'OOD_DETECTOR_FAILED',
        `"${name}" reads the seed, but does not declare that it draws random numbers`,
        {
          fix: 'Add `draws: true` to its definition.',
        },
      );
    },
  }) as T & { readonly seed: number };
}
