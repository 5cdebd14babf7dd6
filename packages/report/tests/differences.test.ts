import { describe, expect, it } from '@jest/globals';
import { differencesFrom } from '../src/differences.ts';
import { auroc, finishedRun, measured } from './finished-run.ts';

const run = (standardErrors: readonly number[], detectors = ['A', 'B', 'C']) =>
  finishedRun({
    metrics: [auroc],
    results: measured('auroc', { A: { sun: 0.75 }, B: { sun: 0.875 }, C: { sun: 0.75 } }),
    paired: [{ metric: 'auroc', ood: 'sun', method: 'delong', detectors, standardErrors }],
  });

describe('differences from a baseline', () => {
  it('have an interval, a p value, and the same by Holm', () => {
    const [found] = differencesFrom('A', run([0.0625, 0.5, 0.1]));
    expect(found).toMatchObject({ metric: 'auroc', ood: 'sun', method: 'delong', compared: 3 });
    const [b, c] = found!.rows;
    // 0.125 / 0.0625 = 2: 2 Φ(−2) = 0.0455, as tables print it.
    expect(b).toMatchObject({ detector: 'B', difference: 0.125 });
    expect(b!.p).toBeCloseTo(0.0455003, 6);
    expect(b!.adjusted).toBeCloseTo(2 * 0.0455003, 6);
    expect(b!.interval!.low).toBeCloseTo(0.125 - 1.959964 * 0.0625, 6);
    expect(b!.interval!.high).toBeCloseTo(0.125 + 1.959964 * 0.0625, 6);
    expect(c).toMatchObject({ detector: 'C', difference: 0, p: 1, adjusted: 1 });
  });

  it('are turned round with another baseline', () => {
    const [found] = differencesFrom('B', run([0.0625, 0.5, 0.125]));
    expect(found!.rows.map(({ detector, difference }) => [detector, difference])).toEqual([
      ['A', -0.125],
      ['C', -0.125],
    ]);
    // 1 of 2: 2 Φ(−1) = 0.3173
    expect(found!.rows[1]!.p).toBeCloseTo(0.3173105, 6);
  });

  it('have no interval where both rank all images alike', () => {
    const [found] = differencesFrom('A', run([0.1, 0, 0.1]));
    expect(found!.rows[1]).toEqual({ detector: 'C', difference: 0, error: 0, p: 1, adjusted: 1 });
  });

  it('count rows that were compared and are not shown', () => {
    const [found] = differencesFrom('A', run([0.0625, 0.5, 1, 0.1, 1, 1], ['A', 'B', 'C', 'hidden']));
    expect(found!.compared).toBe(4);
    expect(found!.rows[0]!.adjusted).toBeCloseTo(3 * 0.0455003, 6);
  });

  it('are none of runs that do not say what is chance, and of a baseline that was not compared', () => {
    const { paired: _, ...older } = run([1, 1, 1]);
    expect(differencesFrom('A', older)).toEqual([]);
    expect(differencesFrom('elsewhere', run([1, 1, 1]))).toEqual([]);
  });
});
