import assert from 'node:assert/strict';
import type { MetricDefinition } from '@farout/core';
import { overlappingSets } from '../../scored-sets.ts';
import type { Check } from '../check.ts';

/** A metric keeps nothing between calls and draws nothing at random. */
export const valueTwiceIsOnce: Check<MetricDefinition> = {
  title: 'gives the same value when it is asked twice',
  run: ({ value }) => {
    const first = value(overlappingSets());
    assert.equal(value(overlappingSets()), first);
  },
};
