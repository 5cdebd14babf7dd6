import { runCase, type NumbersCase, type RefusalCase } from './cases.ts';
import type { Check } from './checks/check.ts';
import { usualParameters, type Parameters, type PartDefinition, type Subject } from './subject.ts';
import { testFunctions, type TestFunctions } from './test-functions.ts';

/** What testScorer and testHook share: a test per case, and one per clause of the contract. */
export function testPart<S extends Subject>(
  definition: PartDefinition,
  subject: (params: Parameters) => S,
  checks: readonly Check<S>[],
  cases: readonly (NumbersCase | RefusalCase)[],
  functions: TestFunctions | undefined,
): void {
  const { describe, it } = testFunctions(functions);
  describe(definition.name, () => {
    for (const given of cases) it(given.title, () => runCase(definition, subject, given));
    const usual = subject(usualParameters(definition, cases));
    for (const check of checks) it(check.title, () => check.run(usual));
  });
}
