import { binary } from './elementwise.ts';

/** min(a, b), element by element */
export const minimum = binary('Min');
