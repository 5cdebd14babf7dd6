import type { Subject } from '../parameters.ts';
import type { Test } from '../test-runner.ts';

/** One clause of a contract: what a part does, and how that is found out. It rejects with an AssertionError. */
export interface Check<S = Subject> {
  readonly title: string;
  readonly run: (subject: S) => void | Promise<void>;
}

/** The clauses of a contract as tests of one part. Where it cannot be made, the tests fail that would have it. */
export const testsOf = <S>(checks: readonly Check<S>[], subject: () => S): Test[] =>
  checks.map(({ title, run }) => ({ title, run: () => run(subject()) }));
