import { describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { compareRuns, incomparable } from '../src/compare-runs.ts';
import { auroc, finishedRun } from './finished-run.ts';

describe('marks across runs', () => {
  const run = (A: number, B: number, half: number, error: number) => {
    const cell = (detector: string, value: number) => ({
      detector,
      ood: 'sun',
      metric: 'auroc',
      value,
      interval: { low: value - half, high: value + half, method: 'delong' as const },
    });
    const paired = {
      metric: 'auroc',
      ood: 'sun',
      method: 'delong',
      detectors: ['A', 'B'],
      standardErrors: [error],
    } as const;
    return finishedRun({ metrics: [auroc], results: [cell('A', A), cell('B', B)], paired: [paired] });
  };
  const marks = (...runs: RunResults[]) =>
    compareRuns(
      runs.map((results, at) => ({ name: `run${at + 1}`, results })),
      { colour: false, width: 120 },
    )
      .match(/^ .*\d\*$/gm)
      ?.map((line) => line.trim().split('  ')[0]);

  it('are by the errors of a run within it, and as of independent images between two', () => {
    // Of four rows z is 2.128. Within run 1 the error is 0.01; between runs √2 · 0.049 / 1.96 = 0.0354.
    expect(marks(run(0.9, 0.88, 0.049, 0.01), run(0.85, 0.8, 0.049, 0.01))).toEqual(['A, run1', 'A, run2', 'B, run1']);
    expect(marks(run(0.9, 0.88, 0.049, 0.009), run(0.85, 0.8, 0.049, 0.01))).toEqual(['A, run1', 'A, run2']);
  });

  it('say how rows of different runs were tested', () => {
    const text = incomparable([
      { name: 'a', results: run(0.9, 0.8, 0.1, 0.1) },
      { name: 'b', results: run(0.9, 0.7, 0.1, 0.1) },
    ]);
    expect(text[0]).toMatch(/^Marks compare rows of different runs as if on independent images/);
  });

  it('are the former ones where a run does not say what is chance', () => {
    const { paired: _, ...older } = run(0.95, 0.88, 0.049, 0.01);
    const results = older.results.map(({ interval: __, ...cell }) => cell);
    expect(marks(run(0.9, 0.88, 0.049, 0.01), { ...older, results })).toEqual(['A, run2']);
  });
});
