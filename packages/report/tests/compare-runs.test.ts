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
