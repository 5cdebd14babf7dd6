import { z } from '@farout/core';

/** A number of a saved run; those that JSON has not are spelled. */
export const spelledNumber = z.union([z.number(), z.enum(['Infinity', '-Infinity', 'NaN']).transform(Number)]);
