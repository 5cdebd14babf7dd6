import { describe, expect, it } from '@jest/globals';
import { rangeOf } from '../../src/work/sharing.ts';
import { simulate, type Worked } from './virtual-cluster.ts';

/** How often each stretch was computed, by all together. */
function timesOf(worked: readonly Worked[], stretches: number): number[] {
  const times = Array.from({ length: stretches }, () => 0);
  for (const number of worked.flatMap(({ computed }) => computed)) times[number]!++;
  return times;
}

const alike = () => 20_000;
const twiceIn = (times: readonly number[]) => times.filter((count) => count > 1).length;

describe('tasks that share the stretches of an experiment', () => {
  it('begin with ranges that follow one another and differ by one at most', () => {
    const ranges = Array.from({ length: 7 }, (_, index) => rangeOf({ index, of: 7 }, 24));
    expect(ranges.map(([from]) => from)).toEqual([0, ...ranges.slice(0, -1).map(([, to]) => to)]);
    expect(ranges.at(-1)![1]).toBe(24);
    expect(new Set(ranges.map(([from, to]) => to - from))).toEqual(new Set([3, 4]));
  });

  it('compute each of 5,000 stretches once, are done within 5 % of each other, and ask as much of the store a stretch as fewer tasks do', async () => {
    const [small, large] = [
      await simulate({ tasks: 4, stretches: 1250, takes: alike }),
      await simulate({ tasks: 16, stretches: 5000, takes: alike }),
    ];
    expect(timesOf(large.worked, 5000)).toEqual(Array.from({ length: 5000 }, () => 1));
    const ended = large.worked.map((worker) => worker.ended);
    expect(Math.max(...ended) / Math.min(...ended)).toBeLessThan(1.05);
    const [few, many] = [small.store.requests / 1250, large.store.requests / 5000];
    expect(many / few).toBeLessThan(1.02);
    expect(many).toBeLessThan(10);
    expect(large.store.bytes / 5000 / (small.store.bytes / 1250)).toBeLessThan(1.05);
  });

  it('level what is uneven: with hosts of four speeds all are busy to within 5 % of the end, and nothing is asked of the store more often', async () => {
    const takes = (task: number) => 20_000 * (1 + (task % 4) / 2);
    const { worked, store } = await simulate({ tasks: 16, stretches: 1600, takes });
    const end = Math.max(...worked.map(({ ended }) => ended));
    for (const { busy } of worked) expect(busy / end).toBeGreaterThan(0.95);
    expect(twiceIn(timesOf(worked, 1600))).toBe(0);
    expect(store.requests / 1600).toBeLessThan(12);
  });

  it('lose nothing when one is killed: others take what it has left, and compute no stretch twice', async () => {
    const { worked } = await simulate({ tasks: 16, stretches: 1600, takes: alike, killed: { 5: 600_000 } });
    const times = timesOf(worked, 1600);
    // The one on which it died: its claim may still stand when all else is done. Its task, started again, or the run computes that.
    expect(times.filter((count) => count === 0).length).toBeLessThanOrEqual(1);
    expect(twiceIn(times)).toBe(0);
  });

  it('compute at most a stretch each twice where the clocks of hosts are hours apart', async () => {
    const ahead = (task: number) => task * 3_600_000;
    const { worked } = await simulate({ tasks: 16, stretches: 1600, takes: alike, ahead });
    const times = timesOf(worked, 1600);
    expect(Math.min(...times)).toBe(1);
    expect(times.reduce((sum, count) => sum + count - 1, 0)).toBeLessThanOrEqual(16);
  });
});
