import type { RunResults } from '@farout/core';

/** The name of the run's ID set. */
export const idSet = ({ datasets }: RunResults): string =>
  Object.entries(datasets).find(([, { roles }]) => roles.includes('id'))?.[0] ?? '';
