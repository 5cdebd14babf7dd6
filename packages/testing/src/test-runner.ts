/** The two functions of every test runner. */
export interface TestFunctions {
  readonly describe: (title: string, body: () => void) => unknown;
  /** If it has `skip`, as in all common runners, clauses that do not apply to a part are skipped. */
  readonly it: Register & { readonly skip?: Register };
}

type Register = (title: string, body: () => void | Promise<void>) => unknown;

/**
 * The runner's `describe` and `it`: those given, or the global ones of Jest, of Mocha, and of Vitest with `globals`.
 *
 * @throws TypeError when there are none.
 */
export function testFunctions(given: Partial<TestFunctions> = {}): TestFunctions {
  const { describe, it } = 'describe' in given || 'it' in given ? given : (globalThis as Partial<TestFunctions>);
  if (describe && it) return { describe, it };
  throw new TypeError("this test runner has no global describe and it; pass them, for example those of 'node:test'");
}

/** A test, independent of the runner. */
interface Test {
  readonly title: string;
  readonly run: () => void | Promise<void>;
  /** Whether the test does not apply. */
  readonly skipped?: boolean;
}

/** Registers tests with the runner, grouped under the name of what they test. */
export function registerTests(
  name: string,
  tests: readonly Test[],
  functions: Partial<TestFunctions> | undefined,
): void {
  const { describe, it } = testFunctions(functions);
  describe(name, () => {
    for (const { title, run, skipped } of tests) {
      if (skipped && it.skip) it.skip(title, run);
      else it(title, run);
    }
  });
}

/** One clause of a contract: what a part must do, and how to check it. It rejects with an AssertionError. */
export interface Check<S> {
  readonly title: string;
  /** True if the clause applies to the part, otherwise the reason why not; by default it always applies. */
  readonly applies?: (subject: S) => true | string;
  readonly run: (subject: S) => void | Promise<void>;
}

/**
 * The clauses of a contract as tests of one part. A clause that does not apply says so in its title and tests nothing. If the part cannot
 * be created, the tests that need it fail.
 */
export const testsOf = <S>(checks: readonly Check<S>[], subject: () => S): Test[] =>
  checks.map((check) => {
    const reason = reasonAgainst(check, subject);
    if (reason === undefined) return { title: check.title, run: () => check.run(subject()) };
    return { title: `${check.title} (does not apply: ${reason})`, run: () => undefined, skipped: true };
  });

function reasonAgainst<S>({ applies }: Check<S>, subject: () => S): string | undefined {
  try {
    const answer = applies?.(subject()) ?? true;
    return answer === true ? undefined : answer;
  } catch {
    return undefined;
  }
}
