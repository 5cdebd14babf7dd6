import { binary } from './arithmetic.ts';

/** a − b */
export const sub = binary(
  'Sub',
  ({ g }) => g,
  ({ g }) => g.neg(),
);
