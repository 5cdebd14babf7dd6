import fc from 'fast-check';

/** Holds for generated examples, always the same ones. */
export const forAll = <T>(
  examples: fc.Arbitrary<T>,
  holds: (example: T, seed: number) => Promise<void>,
): Promise<void> => fc.assert(fc.asyncProperty(examples, fc.nat(), holds), { seed: 3, numRuns: 40 });
