import assert from 'node:assert/strict';
import type { MetricDefinition } from '@farout/core';
import { scoresFrom, sweepOf } from '../scored-sets.ts';
import type { Check } from './check.ts';

/** `better` marks the best value of a table's column: it must agree with the values. */
export const betterIsBetter: Check<MetricDefinition> = {
  title:
    'calls a perfect separation better than a reversed one, and chance no better than the one, no worse than the other',
  run: ({ better, value }) => {
    const [low, high] = [scoresFrom(0, 40), scoresFrom(20, 40)];
    const [perfect, chance, reversed] = [sweepOf(high, low), sweepOf(low, low), sweepOf(low, high)].map(value);
    const quality = (measured: number | undefined) => (better === 'higher' ? measured! : -measured!);
    const found = `perfect ${perfect!}, chance ${chance!}, reversed ${reversed!}, and ${better} is better`;
    assert.ok(quality(perfect) > quality(reversed), found);
    assert.ok(quality(perfect) >= quality(chance) && quality(chance) >= quality(reversed), found);
  },
};
