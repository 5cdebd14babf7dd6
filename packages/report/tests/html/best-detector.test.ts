import { describe, expect, it } from '@jest/globals';
import { bestDetector, standing } from '../../src/html/best-detector.ts';
import { htmlReporter } from '../../src/html-reporter.ts';
import { nothingDrawn } from '../drawn-run.ts';
import { dataset, finishedRun, measured } from '../finished-run.ts';

const auroc = { name: 'auroc', better: 'higher' } as const;
const averages = (...values: number[]) =>
  measured('auroc', Object.fromEntries(values.map((average, i) => [`D${i}`, { sun: 1 - average, average }])));

/** The page's first sentence, without markup. */
async function headline(run: ReturnType<typeof finishedRun>): Promise<string | undefined> {
  const page = await htmlReporter.render(run, nothingDrawn);
  return /<p class="finding">([\s\S]*?)<\/p>/
    .exec(page)?.[1]!
    .replace(/<[^>]+>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

describe('the standing of detectors', () => {
  it('is by the metric that the experiment names first, the lowest average first where lower is better', async () => {
    expect(bestDetector(finishedRun())).toBe('Energy');
    expect(await headline(finishedRun())).toBe(
      'Energy ranks first by FPR95, ID positive, averaged over the OOD sets (lower is better): 45.00 %, followed by MSP with 52.81 %.',
    );
  });

  it('has the highest first where higher is better', async () => {
    const run = finishedRun({ metrics: [auroc], results: averages(0.5, 0.9, 0.7) });
    expect(standing(run)!.ranked.map(({ detector }) => detector)).toEqual(['D1', 'D2', 'D0']);
    expect(await headline(run)).toBe(
      'D1 ranks first by AUROC, on sun (higher is better): 90.00 %, followed by D2 with 70.00 %.',
    );
  });

  it('is none of one detector alone, or where none came to scores', () => {
    expect(standing(finishedRun({ metrics: [auroc], results: averages(0.5) }))).toBeUndefined();
    expect(standing(finishedRun({ results: [] }))).toBeUndefined();
  });

  it('leaves out what gave all images the same score', () => {
    const run = finishedRun({ metrics: [auroc], results: averages(0.5, 0.9, 0.7), constant: ['D1'] });
    expect(bestDetector(run)).toBe('D2');
  });

  it('leaves out what has many ID images at the very threshold of FPR95', async () => {
    const results = measured('fpr95', { MSP: { sun: 0, average: 0 }, A: { sun: 0.5, average: 0.5 } });
    const others = measured('fpr95', { B: { sun: 0.6, average: 0.6 } });
    const run = finishedRun({ results: [...results, ...others], tied: { MSP: 0 } });
    expect(await headline(run)).toMatch(/^A ranks first by FPR95, ID positive, on sun/);
  });

  it('names all that share the first place', async () => {
    const run = finishedRun({ metrics: [auroc], results: averages(0.900001, 0.9, 0.5) });
    expect(bestDetector(run)).toBeUndefined();
    expect(await headline(run)).toBe('D0 and D1 share the first place by AUROC, on sun (higher is better): 90.00 %.');
  });

  it('has no first where all are equal', async () => {
    expect(await headline(finishedRun({ metrics: [auroc], results: averages(0.9, 0.9) }))).toBe(
      'No detector is first by AUROC, on sun (higher is better): all have 90.00 %.',
    );
  });

  it('calls nobody first where a set is small', async () => {
    const datasets = { known: dataset('id', 1000), sun: dataset('ood', 99) };
    const run = finishedRun({ metrics: [auroc], results: averages(0.5, 0.9), datasets });
    expect(bestDetector(run)).toBeUndefined();
    expect(await headline(run)).toBe(
      'No best is marked where a set has fewer than 100 images: there the first place is chance (sun has 99).',
    );
  });
});
