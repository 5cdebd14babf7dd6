import type { TestFunctions } from '../../src/index.ts';

/** What a test said: undefined when it passed, else the error's message. */
export type Verdicts = Readonly<Record<string, string | undefined>>;

/** Runs what a kit function registers, and gives each test's verdict by its title. */
export async function recordedTests(register: (functions: TestFunctions) => void): Promise<Verdicts> {
  const tests = new Map<string, () => void | Promise<void>>();
  register({ describe: (_, body) => body(), it: (title, body) => void tests.set(title, body) });
  const verdicts: Record<string, string | undefined> = {};
  for (const [title, body] of tests) {
    verdicts[title] = await Promise.resolve()
      .then(body)
      .then(
        () => undefined,
        (error: unknown) => (error as Error).message,
      );
  }
  return verdicts;
}
