/** The two functions that every test runner has. */
export interface TestFunctions {
  readonly describe: (title: string, body: () => void) => unknown;
  readonly it: (title: string, body: () => void | Promise<void>) => unknown;
}

/**
 * The runner's `describe` and `it`: those given, or the global ones of Jest, of Mocha, and of Vitest with `globals`.
 *
 * @throws TypeError when there are none.
 */
export function testFunctions(given: TestFunctions | undefined): TestFunctions {
  const { describe, it } = given ?? (globalThis as Partial<TestFunctions>);
  if (describe && it) return { describe, it };
  throw new TypeError("this test runner has no global describe and it; pass them, for example those of 'node:test'");
}

/** A test as every runner takes it. */
interface Test {
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

/** One clause of a contract: what a part does, and how that is found out. It rejects with an AssertionError. */
export interface Check<S> {
  readonly title: string;
  readonly run: (subject: S) => void | Promise<void>;
}

/** The clauses of a contract as tests of one part. Where it cannot be made, the tests fail that would have it. */
export const testsOf = <S>(checks: readonly Check<S>[], subject: () => S): Test[] =>
  checks.map(({ title, run }) => ({ title, run: () => run(subject()) }));
