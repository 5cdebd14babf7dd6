/** The two functions that every test runner has. */
export interface TestFunctions {
  readonly describe: (title: string, body: () => void) => unknown;
  /** Where it has `skip`, as in all common runners, what does not apply to a part is skipped. */
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

/** A test as every runner takes it. */
interface Test {
  readonly title: string;
  readonly run: () => void | Promise<void>;
  /** Whether there is nothing to test. */
  readonly skipped?: boolean;
}

/** Hands tests to the runner, together under the name of what they test. */
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

/** One clause of a contract: what a part does, and how that is found out. It rejects with an AssertionError. */
export interface Check<S> {
  readonly title: string;
  /** Why there is nothing to check for this part, or true where there is; always, when it is absent. */
  readonly applies?: (subject: S) => true | string;
  readonly run: (subject: S) => void | Promise<void>;
}

/**
 * The clauses of a contract as tests of one part. One that does not apply says so in its title and tests nothing. Where the part
 * cannot be made, the tests fail that would have it.
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
