import { z } from '@farout/core';

/**
 * A percentage below 100 that is 0 or from 1 on: other libraries count from 0 to 1, and less than one percent is hardly ever meant.
 *
 * @param name - what the parameter is called, for the sentence that refuses a fraction.
 */
export const percent = (name: string) =>
  z
    .number()
    .min(0)
    .lt(100)
    .refine((p) => p <= 0 || p >= 1, {
      error: ({ input }) => `${name} is in percent: write ${asPercent(input as number)} for ${String(input)}`,
    });

/** A fraction in percent, without the digits that floating point adds. */
export const asPercent = (fraction: number) => Number((100 * fraction).toPrecision(6));
