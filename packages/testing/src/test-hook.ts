import type { HookDefinition } from '@farout/core';
import { hookChecks, hookSubject } from './checks/hook.ts';
import type { RefusalCase } from './parameters.ts';
import { testPart, type CaseBase, type CaseHead, type Matrix } from './test-part.ts';
import type { TestFunctions } from './test-runner.ts';

/** A network's features (rows, D) and head in, the hooked network's logits out, (rows, K). Without a head they are the hooked features. */
export interface HookedCase extends CaseBase {
  readonly features: Matrix;
  readonly head?: CaseHead;
  readonly logits: Matrix;
}

/** Numbers in and out, or parameters that must be refused. */
export type HookCase = HookedCase | RefusalCase;

/**
 * Tests a hook: every case (logits to 10⁻⁶, relative above 1), and the contract: its defaults construct, wrong and
 * unknown parameters are refused by name, input stays untouched, a batch comes out as its rows do one by one, twice is
 * once, logits of ±10⁴ stay finite, fitting twice or on a stream is fitting once on the whole and gives arrays, the shapes
 * of features, head and logits stay as they are, a file over stored features gives the same, and the gradient is right.
 *
 * Registers its tests with the global `describe` and `it`, or with those given.
 */
export const testHook = (hook: HookDefinition, cases: readonly HookCase[], functions?: TestFunctions): void =>
  testPart(
    hook,
    (params) => hookSubject(hook, params),
    hookChecks,
    cases.map((given) => ('refused' in given ? given : { ...given, expected: given.logits.flat() })),
    functions,
  );
