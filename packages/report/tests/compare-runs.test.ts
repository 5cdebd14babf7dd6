import { describe, expect, it } from '@jest/globals';
import { compareRuns } from '../src/compare-runs.ts';
import { dataset, finishedRun, measured } from './finished-run.ts';

const plain = { colour: false, width: 100 };
const auroc = [{ name: 'auroc', better: 'higher' }] as const;
const run = (name: string, table: Record<string, Record<string, number>>, changes = {}) => ({
  name,
  results: finishedRun({ metrics: auroc, results: measured('auroc', table), ...changes }),
});

describe('compareRuns', () => {
  it('puts runs of a detector below each other, those that agree on one line, and marks the best of all', () => {
    const first = run('runs/a', { MSP: { sun: 0.5, average: 0.5 }, ReAct: { sun: 0.7, average: 0.7 } });
    const second = run(
      'runs/bb',
      { MSP: { sun: 0.5, average: 0.5 }, ReAct: { sun: 0.8, average: 0.8 } },
      { accuracy: 0.5 },
    );
    expect(compareRuns([first, second], plain)).toBe(
      `runs/a   ID accuracy 76.13 %  photographs, 1,200 images
runs/bb  ID accuracy 50.00 %  photographs, 1,200 images

 AUROC ↑           sun
────────────────────────
 MSP             50.00
 ReAct, runs/a   70.00
 ReAct, runs/bb  80.00*

All numbers in percent; ↓ lower is better, ↑ higher is better; * marks the best of a column.
`,
    );
  });

  it('leaves a gap where a run lacks a set, and leaves averages over different sets out', () => {
    const sets = { photographs: dataset('id', 1200), sun: dataset('ood', 480) };
    const first = run('a', { MSP: { textures: 0.6, sun: 0.5, average: 0.55 } });
    const second = run('b', { MSP: { sun: 0.7, average: 0.7 } }, { datasets: sets });
    const text = compareRuns([first, second], plain);
    expect(text).toContain(` AUROC ↑  textures     sun
────────────────────────────
 MSP, a      60.00   50.00
 MSP, b          —   70.00*
`);
    expect(text).toContain('\nThe runs have different OOD sets: averages are left out.\n');
  });

  it('shows every metric that some run has', () => {
    const first = run('a', { MSP: { sun: 0.5 } });
    const second = run(
      'b',
      {},
      { metrics: [{ name: 'fpr95', better: 'lower' }], results: measured('fpr95', { MSP: { sun: 0.3 } }) },
    );
    const text = compareRuns([first, second], plain);
    expect(text).toContain('AUROC ↑');
    expect(text).toContain('FPR95, ID positive ↓');
  });

  it('says of each run what must be known of its numbers', () => {
    const sets = [
      { dataset: 'photographs', role: 'fit' },
      { dataset: 'photographs', role: 'id' },
    ] as const;
    const table = { MSP: { sun: 0.5 }, ReAct: { sun: 0.7 } };
    const first = run('a', table, {
      overlaps: [{ sets, images: 1200, example: 'a.jpg' }],
      remarks: ['labels off by one'],
    });
    const second = run('b', table, { failed: [{ detector: 'ODIN', code: 'OOD_SHAPE', message: 'no' }] });
    const text = compareRuns([first, second], plain);
    expect(text).toContain(
      '\na: Sets that have images in common\n  photographs is both the fit and the ID set: detectors that learn were tested',
    );
    expect(text).toContain('\na: 1 remark\n  labels off by one\n');
    expect(text).toContain('\nb: 1 detector failed\n  ODIN: no [OOD_SHAPE]\n');
  });

  it('marks no FPR95 of a detector whose scores are tied at the threshold in one of the runs', () => {
    const metrics = [{ name: 'fpr95', better: 'lower' }] as const;
    const of = (name: string, value: number, changes = {}) => ({
      name,
      results: finishedRun({
        metrics,
        results: measured('fpr95', { MSP: { sun: value }, A: { sun: 0.5 }, B: { sun: 0.6 } }),
        ...changes,
      }),
    });
    const text = compareRuns([of('a', 0, { tied: { MSP: 0.2 } }), of('b', 0.9)], plain);
    expect(text).toMatch(/ MSP, a {2,}0\.00\n MSP, b {2,}90\.00\n A {2,}50\.00\*\n/);
    expect(text).toContain('fewer than 95 % exceed it: 20.00 % with MSP, a. Such numbers are not marked.');
  });

  it('says how the experiments differ', () => {
    const first = run('a', { MSP: { sun: 0.5 } }, { experiment: { seed: 1 } });
    const second = run('b', { MSP: { sun: 0.7 } }, { experiment: { seed: 2 } });
    expect(compareRuns([first, second], plain)).toContain('\n\nThe experiments differ in\n  seed: 1 | 2\n\n');
    expect(compareRuns([first, first], plain)).not.toContain('differ');
  });

  it('marks no detector as best whose scores were all equal', () => {
    const first = run('a', { MSP: { sun: 0.5 } }, { constant: ['MSP'] });
    const second = run('b', { MSP: { sun: 0.4 }, Energy: { sun: 0.3 } });
    const text = compareRuns([first, second], plain);
    expect(text).toContain('MSP, a     50.00\n MSP, b     40.00*\n');
  });
});
