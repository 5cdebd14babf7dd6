import assert from 'node:assert/strict';
import type { MetricDefinition } from '@farout/core';
import { overlappingSets } from '../../scored-sets.ts';
import type { Check } from '../check.ts';

/** One sweep serves all metrics: the next one must find it as it was. */
export const sweepUntouched: Check<MetricDefinition> = {
  title: 'leaves the sweep as it is',
  run: ({ value }) => {
    const sweep = overlappingSets();
    value(sweep);
    assert.deepEqual(sweep, overlappingSets(), 'the sweep was written to');
  },
};
