import type { Check } from './check.ts';
import { partChecks } from './part-checks.ts';
import { scoreShape } from './score-shape.ts';
import { sureAboveFlat } from './sure-above-flat.ts';

/** The contract of a scorer. */
export const scorerChecks: readonly Check[] = [...partChecks, scoreShape, sureAboveFlat];
