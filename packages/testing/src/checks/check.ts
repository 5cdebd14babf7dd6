import type { Subject } from '../subject.ts';

/** One clause of the contract: what a part does, and how that is found out. It rejects with an AssertionError. */
export interface Check<S extends Subject = Subject> {
  readonly title: string;
  readonly run: (subject: S) => void | Promise<void>;
}
