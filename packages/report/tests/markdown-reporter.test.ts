import { describe, expect, it } from '@jest/globals';
import { markdownReporter, markdownTable } from '../src/markdown-reporter.ts';
import { nothingDrawn, shared } from './drawn-run.ts';
import { auroc, dataset, finishedRun, measured, withPublished } from './finished-run.ts';

it('writes the Markdown of a run to table.md', () => {
  expect(markdownReporter.file).toBe('table.md');
  expect(markdownReporter.render(finishedRun(), nothingDrawn, shared)).toMatch(/^# two-sets\n/);
});

describe('markdownTable', () => {
  it('writes a table per metric, in percent, the best in bold', () => {
    expect(markdownTable(finishedRun())).toBe(
      `# two-sets

ID accuracy: **76.13 %** (photographs, 1,200 images)

| FPR95, ID positive ↓ |  textures |   sun |   average |
| -------------------- | --------: | ----: | --------: |
| MSP                  |     55.63 | 50.00 |     52.81 |
| Energy               | **40.00** | 50.00 | **45.00** |

| AUROC ↑ |  textures |        sun |   average |
| ------- | --------: | ---------: | --------: |
| MSP     |     80.00 |      90.00 |     85.00 |
| Energy  | **90.00** | **100.00** | **95.00** |

All numbers in percent; ↓ lower is better, ↑ higher is better; the best of each column is bold.

FPR95, ID positive: OOD images accepted at the threshold that 95 % of the ID images reach, as in the ReAct paper.

All numbers equal, and none marked: FPR95, ID positive on sun.
`,
    );
  });

  it('shows in brackets beside a number what was published for it', () => {
    const text = markdownTable(withPublished());
    expect(text).toContain('| MSP                  |             70.00 |\n');
    expect(text).toContain('| ReAct                | **25.00** (24.20) |\n');
    expect(text).toContain('\n\nIn brackets: published numbers given in the experiment.\n\n');
    expect(markdownTable(finishedRun())).not.toContain('In brackets');
  });

  it('lists what failed under a heading', () => {
    const failed = [{ detector: 'Mine', code: 'OOD_SHAPE', message: 'no' }];
    expect(markdownTable(finishedRun({ failed }))).toMatch(
      /\n\n## 1 detector failed\n\n- Mine: no \\\[OOD\\_SHAPE\\\]\n$/,
    );
  });

  it('takes names from outside as text', () => {
    const results = measured('auroc', { 'a|b <img src=x>\n| c': { sun: 0.5 } });
    expect(markdownTable(finishedRun({ metrics: [auroc], results }))).toContain(
      '| a\\|b \\<img src=x\\>\\\\x0a\\| c | 50.00 |',
    );
  });

  it('names several ID sets, with all their labels, and what they have in common', () => {
    const datasets = { a: dataset('id', 1200), b: dataset('id', 800), sun: dataset('ood', 100) };
    const sets = [
      { dataset: 'a', role: 'id' },
      { dataset: 'b', role: 'id' },
    ] as const;
    const overlaps = [{ sets, images: 2, example: '3.png' }];
    const text = (labelled: number) => markdownTable(finishedRun({ datasets, labelled, overlaps }));
    expect(text(1500)).toContain('a, 1,200 images; b, 800 images, 1,500 labels counted');
    expect(text(2000)).toContain('a, 1,200 images; b, 800 images');
    expect(text(2000)).not.toContain('labels counted');
    expect(text(2000)).toContain('2 images of a (ID) also in b (ID), for example 3.png: counted twice');
  });
});
