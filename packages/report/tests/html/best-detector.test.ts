import { describe, expect, it } from '@jest/globals';
import { bestDetector } from '../../src/html/best-detector.ts';
import { finishedRun, measured } from '../finished-run.ts';

const auroc = { name: 'auroc', better: 'higher' } as const;
const averages = (...values: number[]) =>
  measured('auroc', Object.fromEntries(values.map((average, i) => [`D${i}`, { sun: 1 - average, average }])));

describe('bestDetector', () => {
  it('is the one with the lowest average where lower is better, before the next', () => {
    expect(bestDetector(finishedRun())).toEqual({
      detector: 'Energy',
      metric: 'lowest FPR95, ID positive',
      on: 'averaged over the OOD sets',
      value: '45.00 %',
      next: { detector: 'MSP', value: '52.81 %' },
    });
  });

  it('is the one with the highest where higher is better', () => {
    const best = bestDetector(finishedRun({ metrics: [auroc], results: averages(0.5, 0.9, 0.7) }));
    expect(best).toMatchObject({ detector: 'D1', next: { detector: 'D2' } });
  });

  it('has none after it where it is alone', () => {
    expect(bestDetector(finishedRun({ metrics: [auroc], results: averages(0.5) }))?.next).toBeUndefined();
  });

  it('is none that gave all images the same score', () => {
    const run = finishedRun({ metrics: [auroc], results: averages(0.5, 0.9, 0.7), constant: ['D1'] });
    expect(bestDetector(run)).toMatchObject({ detector: 'D2', on: 'on sun' });
  });

  it('is none where two print the same, or none came to scores', () => {
    expect(bestDetector(finishedRun({ metrics: [auroc], results: averages(0.900001, 0.9) }))).toBeUndefined();
    expect(bestDetector(finishedRun({ results: [] }))).toBeUndefined();
  });
});
