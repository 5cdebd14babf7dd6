import type { HookSubject } from '../hook-subject.ts';
import type { Check } from './check.ts';
import { hookGradient } from './hook-gradient.ts';
import { hookShapes } from './hook.ts';
import { hooksFromFile } from './hooks-from-file.ts';
import { logitsShape } from './logits-shape.ts';
import { partChecks } from './part.ts';

/** The contract of a hook. */
export const hookChecks: readonly Check<HookSubject>[] = [
  ...partChecks,
  hookShapes,
  logitsShape,
  hooksFromFile,
  hookGradient,
];
