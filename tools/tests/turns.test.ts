import { describe, expect, it } from '@jest/globals';
import { compareInTurns, inTurns, ratios, showSpread, spreadOf } from '../bench/turns.ts';

describe('turns', () => {
  it('are taken one by one, the unit once more at the end, and the first of each does not count', async () => {
    const order: string[] = [];
    const part = (name: string) => () => {
      order.push(name);
      return Promise.resolve(order.length);
    };
    const series = await inTurns({ unit: part('unit'), other: part('other') }, 2);
    expect(order.join(' ')).toBe('unit other unit other unit other unit');
    expect(series).toEqual({ unit: [3, 5, 7], other: [4, 6] });
  });

  it('give the true ratio on a machine that grows faster at an even rate', () => {
    expect(ratios([2 * 4, 2 * 6], [3, 5, 7])).toEqual([2, 2]);
  });

  it('have a median, and quartiles as NumPy interpolates them', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25 });
    expect(spreadOf([7])).toEqual({ median: 7, low: 7, high: 7 });
    expect(showSpread({ median: 0.942, low: 0.9311, high: 0.9527 }, 3)).toBe('0.942 (0.931–0.953)');
  });

  it('compare two kinds of work by the clock and by CPU time, each turn with the unit before and after it', async () => {
    const from = (...values: readonly number[]) => {
      const left = values.values();
      return () => {
        const { value } = left.next() as { value: number };
        return Promise.resolve({ clock: value, cpu: value / 2 + 1 });
      };
    };
    const { clock, cpu } = await compareInTurns(from(99, 8, 12), from(99, 2, 6, 6), 2);
    expect(clock).toEqual(spreadOf([2, 2]));
    expect(cpu).toEqual(spreadOf([5 / 3, 7 / 4]));
  });
});
