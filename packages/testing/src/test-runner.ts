import { testFunctions, type TestFunctions } from './test-functions.ts';

/** A test as every runner takes it. */
export interface Test {
  readonly title: string;
  readonly run: () => void | Promise<void>;
}

/** Hands tests to the runner, together under the name of what they test. */
export function registerTests(name: string, tests: readonly Test[], functions: TestFunctions | undefined): void {
  const { describe, it } = testFunctions(functions);
  describe(name, () => {
    for (const { title, run } of tests) it(title, run);
  });
}
