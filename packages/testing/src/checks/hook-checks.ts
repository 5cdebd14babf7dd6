import type { HookSubject } from '../hook-subject.ts';
import type { Check } from './check.ts';
import { hookShapes } from './hook-shapes.ts';
import { partChecks } from './part-checks.ts';

/** The contract of a hook. */
export const hookChecks: readonly Check<HookSubject>[] = [...partChecks, hookShapes];
