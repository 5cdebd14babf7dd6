import { binary } from './arithmetic.ts';

/** a + b */
export const add = binary(
  'Add',
  ({ g }) => g,
  ({ g }) => g,
);
