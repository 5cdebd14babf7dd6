import { FaroutError } from './errors/farout-error.ts';

/**
 * Adds the seed to a part's context. For a part without `draws`, reading the seed is an error: an experiment with several seeds would not
 * repeat it.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED when such a part reads the seed.
 * @internal
 */
export function withSeed<T extends object>(
  context: T,
  seed: number,
  { name, draws }: { readonly name: string; readonly draws?: true },
): T & { readonly seed: number } {
  if (draws) return Object.assign(context, { seed });
  // Not enumerable, so that copying the context does not read it.
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
