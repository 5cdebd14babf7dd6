import { describe, expect, it } from '@jest/globals';
import type { MetricResult, PairedErrors, RunResults } from '@farout/core';
import { pairedError } from '../src/best.ts';
import { latexReporter } from '../src/latex-reporter.ts';
import { markdownTable } from '../src/markdown-reporter.ts';
import { bestDetector } from '../src/standing.ts';
import { metricTables } from '../src/tables.ts';
import { terminalTable } from '../src/terminal.ts';
import { nothingDrawn, shared } from './drawn-run.ts';
import { auroc, dataset, finishedRun, fpr95, measured } from './finished-run.ts';
import { testedRun } from './tested-run.ts';

/** z with 1 − Φ(z) = 0.05 / 2, as tables print it. */
const z2 = 1.96;

/** Three rows; `errors` are of (A, B), (A, C), (B, C). */
const three = (errors: readonly number[], changes: Partial<RunResults> = {}) =>
  finishedRun({
    metrics: [auroc],
    results: measured('auroc', { A: { sun: 0.9 }, B: { sun: 0.88 }, C: { sun: 0.7 } }),
    paired: [{ metric: 'auroc', ood: 'sun', method: 'delong', detectors: ['A', 'B', 'C'], standardErrors: errors }],
    ...changes,
  });
const marked = (run: RunResults) => metricTables(run)[0]!.best[0]!.detectors;

describe('a column whose differences were tested', () => {
  it('marks what no other row beats at 5 % / (k − 1)', () => {
    const just = 0.02 / z2;
    expect(marked(three([just * 1.01, 0.01, 0.01]))).toEqual(['A', 'B']);
    expect(marked(three([just * 0.99, 0.01, 0.01]))).toEqual(['A']);
  });

  it('counts rows that were compared and are not shown', () => {
    const [paired] = three([0.0101, 0.01, 0.01]).paired!;
    // Of six rows the test is at 1 %: z = 2.33, and 0.02 / 0.0101 = 1.98.
    const six: PairedErrors = { ...paired!, detectors: ['A', 'B', 'C', 'x', 'y', 'z'] };
    const standardErrors = [0.0101, 0.01, 1, 1, 1, 0.01, ...new Array<number>(9).fill(1)];
    expect(marked(three([0.0101, 0.01, 0.01]))).toEqual(['A']);
    expect(marked(three([], { paired: [{ ...six, standardErrors }] }))).toEqual(['A', 'B']);
  });

  it('leaves out what gave all images the same score', () => {
    expect(marked(three([1, 1, 1], { constant: ['A'] }))).toEqual(['B', 'C']);
  });

  it('keeps to what is printed where the run has no errors', () => {
    const { paired: _, ...older } = three([1, 1, 1]);
    expect(marked(older)).toEqual(['A']);
  });

  it('is decided on small sets too, and says what one of their images accounts for', () => {
    const results = measured('fpr95', { A: { sun: 0.1 }, B: { sun: 0.2 }, C: { sun: 0.9 } });
    const paired = [{ ...three([]).paired![0]!, metric: 'fpr95', standardErrors: [0.1, 0.1, 0.1] }];
    const datasets = { photographs: dataset('id', 1000), sun: dataset('ood', 40) };
    const run = finishedRun({ metrics: [fpr95], results, paired, datasets });
    expect(marked(run)).toEqual(['A', 'B']);
    const text = markdownTable(run);
    expect(text).toContain(
      'sun has only 40 images, so tests detect little there: one image accounts for 2.50 points of FPR95, ID positive.',
    );
    expect(text).not.toContain('No best is marked');
  });

  it('says how many rows were compared, and where no row is distinguishable', () => {
    const text = markdownTable(three([1, 1, 1]));
    expect(text).toContain('bold: not distinguishable from the best on these images');
    expect(text).toContain(
      'A row is marked if no other row is better in a paired test (one-sided, at 5 % / 2; 3 rows were compared). The tests compare rows image by image, so a marked number may be worse than an unmarked one.',
    );
    expect(text).toContain('No row is distinguishable from the best: AUROC on sun.');
    expect(markdownTable(three([0.001, 0.001, 0.001]))).not.toContain('No row');
  });

  it('opens the page with the row that ranks first', () => {
    const results = measured('auroc', { A: { average: 0.9 }, B: { average: 0.88 } });
    const paired = [
      { metric: 'auroc', ood: 'average', method: 'delong', detectors: ['A', 'B'], standardErrors: [1] },
    ] as const;
    expect(bestDetector(finishedRun({ metrics: [auroc], results, paired }))).toBe('A');
  });
});

it('finds the error of a pair by names, in either order', () => {
  const detectors = ['A', 'B', 'C', 'D'];
  const pairs = detectors.flatMap((one, i) => detectors.slice(i + 1).map((other) => [one, other] as const));
  const errorOf = pairedError({
    metric: 'auroc',
    ood: 'sun',
    method: 'delong',
    detectors,
    standardErrors: pairs.map((_, at) => at + 1),
  });
  for (const [at, [one, other]] of pairs.entries()) {
    expect([errorOf(one, other), errorOf(other, one)]).toEqual([at + 1, at + 1]);
  }
  expect(errorOf('B', 'B')).toBe(0);
});

describe('intervals', () => {
  const interval = { low: 0.851, high: 0.9412, method: 'delong' } as const;
  const results: MetricResult[] = [
    { detector: 'A', ood: 'sun', metric: 'auroc', value: 0.9, interval },
    { detector: 'B', ood: 'sun', metric: 'auroc', value: 0.7 },
  ];
  const run = finishedRun({ metrics: [auroc], results });

  it('stand behind their numbers in Markdown and LaTeX, and say what they hold for', async () => {
    const texts = [markdownTable(run), await latexReporter.render(run, nothingDrawn, shared)];
    expect(texts[0]).toContain('**90.00** [85.10, 94.12]');
    expect(texts[1]).toContain('\\textbf{90.00} {\\scriptsize [85.10, 94.12]}');
    for (const text of texts)
      expect(text).toContain(
        'say what to expect from other images of the same sets. They say nothing about other sets',
      );
  });

  it('stand below their numbers on a terminal that is wide enough, digit below digit', () => {
    const wide = terminalTable(run, { colour: false, width: 80 });
    expect(wide).toMatch(/^ A +90\.00\*\n +85\.10–94\.12$/m);
    const narrow = terminalTable(run, { colour: false, width: 20 });
    expect(narrow).toContain('90.00*');
    expect(narrow).not.toContain('–');
  });
});

it('finds all marks of a made-up run by plain comparison of every pair', () => {
  const run = testedRun({ detectors: ['A', 'B', 'C', 'D', 'E', 'F'], sets: ['sun', 'places'], images: 200 });
  for (const [m, { name, better }] of run.metrics.entries()) {
    const { columns, best } = metricTables(run)[m]!;
    for (const [c, ood] of columns.entries()) {
      const errors = run.paired!.find((each) => each.metric === name && each.ood === ood)!;
      const cells = run.results.filter((cell) => cell.metric === name && cell.ood === ood);
      const beaten = new Set<string>();
      let pair = 0;
      for (let i = 0; i < cells.length; i++)
        for (let j = i + 1; j < cells.length; j++) {
          const ahead = (better === 'higher' ? 1 : -1) * (cells[i]!.value - cells[j]!.value);
          // 1 − Φ(2.326347874) = 0.01
          if (Math.abs(ahead) > 2.326347874 * errors.standardErrors[pair++]!)
            beaten.add(cells[ahead > 0 ? j : i]!.detector);
        }
      expect(best[c]!.detectors).toEqual(cells.map(({ detector }) => detector).filter((each) => !beaten.has(each)));
    }
  }
});
