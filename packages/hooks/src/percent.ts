import { z } from '@farout/core';

/**
 * A percentage below 100 that is 0 or at least 1. Other libraries use fractions from 0 to 1, so a value between 0 and 1 is almost certainly
 * a mistake.
 *
 * @param name - the parameter's name, for the error about a fraction.
 */
export const percent = (name: string) =>
  z
    .number()
    .min(0)
    .lt(100)
    .refine((p) => p <= 0 || p >= 1, {
      error: ({ input }) => `${name} is in percent: write ${asPercent(input as number)} for ${String(input)}`,
    });

/** A fraction in percent, without floating-point noise. */
export const asPercent = (fraction: number) => Number((100 * fraction).toPrecision(6));
