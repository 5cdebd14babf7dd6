import type { ScorerDefinition } from '@farout/core';
import { scorerChecks, scorerSubject } from './checks/scorer.ts';
import type { RefusalCase } from './parameters.ts';
import { testPart, type CaseBase, type CaseHead, type Matrix } from './test-part.ts';
import type { TestFunctions } from './test-runner.ts';

/** What the scorer sees: logits alone, or features (rows, D) and the head that makes logits of them; without a head they are the logits. */
export type ScorerInput = { readonly logits: Matrix } | { readonly features: Matrix; readonly head?: CaseHead };

/** Rows in, one score per row out; or parameters that must be refused. */
export type ScorerCase = (CaseBase & ScorerInput & { readonly scores: readonly number[] }) | RefusalCase;

/**
 * Tests a scorer: every case (scores to 10⁻⁶, relative above 1), and the contract: its defaults construct, wrong and
 * unknown parameters are refused by name, input stays untouched, a batch scores as its rows do one by one, twice is
 * once, logits of ±10⁴ give finite scores, fitting twice or on a stream is fitting once on the whole and gives arrays, there
 * is one float32 score per image, a sure in-distribution image scores above a flat one, a file over stored features scores
 * the same, and the gradient is right.
 *
 * Registers its tests with the global `describe` and `it`, or with those given.
 */
export const testScorer = (scorer: ScorerDefinition, cases: readonly ScorerCase[], functions?: TestFunctions): void =>
  testPart(
    scorer,
    (params) => scorerSubject(scorer, params),
    scorerChecks,
    cases.map((given) => {
      if ('refused' in given) return given;
      const input = 'logits' in given ? { features: given.logits } : { features: given.features, head: given.head };
      return { ...given, ...input, expected: given.scores };
    }),
    functions,
  );
