import fc from 'fast-check';
import type { NodeCase } from './one-node-model.ts';

/** Holds for generated examples, always the same ones. */
export const forAll = <T>(
  examples: fc.Arbitrary<T>,
  holds: (example: T, seed: number) => Promise<void>,
  numRuns = 40,
): Promise<void> => fc.assert(fc.asyncProperty(examples, fc.nat(), holds), { seed: 3, numRuns });

/** What must hold of a node. */
export type Check = (node: NodeCase) => Promise<void>;

/** A form of an operator: nodes of it are made of generated examples, and a check holds for all of them. */
export const form =
  <T>(examples: fc.Arbitrary<T>, node: (example: T, seed: number) => NodeCase, numRuns = 12) =>
  (check: Check): Promise<void> =>
    forAll(examples, (example, seed) => check(node(example, seed)), numRuns);

export const small = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

/** A number for each of the two spatial axes. */
export const twice = (min: number, max: number) => fc.tuple(small(min, max), small(min, max));
