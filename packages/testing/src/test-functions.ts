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
