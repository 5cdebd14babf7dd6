import { type Check, testsOf } from './checks/check.ts';
import { type Parameters, type PartDefinition, type Subject, usualParameters } from './parameters.ts';
import { type NumbersCase, runCase } from './part.ts';
import type { RefusalCase } from './refusal-case.ts';
import type { TestFunctions } from './test-functions.ts';
import { registerTests } from './test-runner.ts';

/** What testScorer and testHook share: a test per case, and one per clause of the contract. */
export function testPart<S extends Subject>(
  definition: PartDefinition,
  subject: (params: Parameters) => S,
  checks: readonly Check<S>[],
  cases: readonly (NumbersCase | RefusalCase)[],
  functions: TestFunctions | undefined,
): void {
  const ofCases = cases.map((given) => ({ title: given.title, run: () => runCase(definition, subject, given) }));
  const usual = subject(usualParameters(definition, cases));
  registerTests(definition.name, [...ofCases, ...testsOf(checks, () => usual)], functions);
}
