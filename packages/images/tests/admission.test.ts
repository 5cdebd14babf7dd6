import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Admission } from '../src/admission.ts';

/** Work that ends when it is told to, and what is under way. */
function works(limit: number, sizes: readonly number[]) {
  const admission = new Admission(limit);
  const underWay = new Set<number>();
  const ends: (() => void)[] = [];
  const all = sizes.map((pixels, i) =>
    admission.admit(pixels, async () => {
      underWay.add(i);
      await new Promise<void>((end) => (ends[i] = end));
      underWay.delete(i);
      return i;
    }),
  );
  const settle = () => new Promise(setImmediate);
  return { underWay, all, settle, end: (i: number) => ends[i]!() };
}

describe('Admission', () => {
  it('lets work begin in its order, as far as the limit goes', async () => {
    const { underWay, all, settle, end } = works(10, [4, 6, 1, 9, 1]);
    await settle();
    expect([...underWay]).toEqual([0, 1]);
    end(0);
    await settle();
    expect([...underWay]).toEqual([1, 2]);
    end(1);
    await settle();
    expect([...underWay]).toEqual([2, 3]);
    [2, 3].forEach(end);
    await settle();
    end(4);
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3, 4]);
  });

  it('works alone on what is larger than the limit', async () => {
    const { underWay, settle, end, all } = works(10, [1, 100, 1]);
    for (const i of [0, 1, 2]) {
      await settle();
      expect([...underWay]).toEqual([i]);
      end(i);
    }
    await Promise.all(all);
  });

  it('goes on after work that fails', async () => {
    const admission = new Admission(10);
    const failed = admission.admit(10, () => Promise.reject(new Error('unreadable')));
    const next = admission.admit(10, () => Promise.resolve('read'));
    await expect(failed).rejects.toThrow('unreadable');
    expect(await next).toBe('read');
  });

  it('never exceeds the limit but for one alone, and ends all work, whatever the sizes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(30), { maxLength: 20 }), async (sizes) => {
        const admission = new Admission(20);
        let [pixels, count] = [0, 0];
        const work = (size: number) => async () => {
          pixels += size;
          count++;
          expect(count === 1 || pixels <= 20).toBe(true);
          await new Promise(setImmediate);
          pixels -= size;
          count--;
        };
        await Promise.all(sizes.map((size) => admission.admit(size, work(size))));
        expect(pixels).toBe(0);
      }),
    );
  });
});
