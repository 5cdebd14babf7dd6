import { binary } from './elementwise.ts';

/** a − b */
export const sub = binary(
  'Sub',
  ({ g }) => g,
  ({ g }) => g.neg(),
);
