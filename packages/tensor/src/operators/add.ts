import { binary } from './elementwise.ts';

/** a + b */
export const add = binary(
  'Add',
  ({ g }) => g,
  ({ g }) => g,
);
