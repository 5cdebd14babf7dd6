import { describe, expect, it } from '@jest/globals';
import type { RunResults } from '@farout/core';
import { htmlReporter } from '../../src/html-reporter.ts';
import { nothingDrawn, shared } from '../drawn-run.ts';
import { auroc, finishedRun, measured } from '../finished-run.ts';

const page = (run: RunResults) => htmlReporter.render(run, nothingDrawn, shared);
const plain = (markup: string) =>
  markup
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** B is 2 points above A, C 20 below; the errors are of (A, B), (A, C), (B, C). */
const tested = (errors: readonly number[], detectors = ['A', 'B', 'C']) =>
  finishedRun({
    metrics: [auroc],
    groups: { near: ['sun'] },
    results: measured('auroc', {
      A: { sun: 0.88, near: 0.88, average: 0.88 },
      B: { sun: 0.9, near: 0.9, average: 0.9 },
      C: { sun: 0.68, near: 0.68, average: 0.68 },
    }),
    paired: ['sun', 'near', 'average'].map((ood) => ({
      metric: 'auroc',
      ood,
      method: 'delong' as const,
      detectors,
      standardErrors: errors,
    })),
  });

describe('the first screen', () => {
  const headline = async (run: RunResults) => plain(/<p class="finding">([^]*?)<\/p>/.exec(await page(run))![1]!);

  it('says who is first, and whom these images do not tell apart from it', async () => {
    expect(await headline(tested([0.05, 0.01, 0.01]))).toBe(
      'B ranks first by AUROC, on sun (higher is better): 90.00 % . These images do not tell it apart from A.',
    );
    expect(await headline(tested([0.001, 0.01, 0.01]))).toMatch(
      /These images tell it apart from all other 2 detectors\.$/,
    );
  });

  it('says for groups and the average how far the first is from the first row, without a script too', async () => {
    const text = await page(tested([0.01, 0.01, 0.01]));
    const rows = [
      ...text
        .split('class="scroll answers"')[1]!
        .split('</table>')[0]!
        .matchAll(/<tr>([^]*?)<\/tr>/g),
    ];
    // 0.02 / 0.01: p = 0.0455, by Holm the last of two tests.
    expect(rows.slice(1).map(([, row]) => plain(row!))).toEqual([
      'near B 90.00 none +2.00 points [+0.04, +3.96], better, p = 0.046',
    ]);
  });

  it('has no such table where a run does not say what is chance', async () => {
    const { paired: _, ...older } = tested([1, 1, 1]);
    expect(await page(older)).not.toContain('class="scroll answers"');
  });
});

describe('the table of a metric', () => {
  it('has the average first, then groups, then sets', async () => {
    const heads = /<table class="metric">[^]*?<\/thead>/.exec(await page(tested([1, 1, 1])))![0];
    expect([...heads.matchAll(/<button type="button">(.*?)<\/button>/g)].map(([, name]) => name)).toEqual([
      'AUROC ↑',
      'near',
      'sun',
    ]);
  });

  it('says what a detector takes an image, where that was measured', async () => {
    const costs = { detectors: { A: 12.34, B: 5678 } };
    const table = /<table class="metric">[^]*?<\/table>/.exec(await page({ ...tested([1, 1, 1]), costs }))![0];
    const heads = [...table.matchAll(/<button type="button">(.*?)<\/button>/g)].map(([, name]) => name);
    expect(heads).toEqual(['AUROC ↑', 'near', 'time an image', 'sun']);
    const cells = [...table.matchAll(/<td data-value="([^"]*)"[^>]*>([^<]* [µm]s|—)<\/td>/g)];
    expect(cells.map(([, value, text]) => [value, text])).toEqual([
      ['12.34', '12 µs'],
      ['5678', '5.7 ms'],
      ['—', '—'],
    ]);
  });

  it('has a filter where detectors look at different things, with those that do not say', async () => {
    const families = { A: 'logits', B: 'maps' } as const;
    const boxes = (text: string) => [...text.matchAll(/name="family"\s+value="(\w*)"/g)].map(([, value]) => value);
    expect(boxes(await page({ ...tested([1, 1, 1]), families }))).toEqual(['logits', 'maps', '']);
    expect(boxes(await page({ ...tested([1, 1, 1]), families: { A: 'logits', B: 'logits', C: 'logits' } }))).toEqual(
      [],
    );
  });
});

it('shows the classes that a detector rejects more often than chance, by their names', async () => {
  const interval = { low: 0.1, high: 0.4, method: 'clopper-pearson' } as const;
  const named = [{ class: 1, rejected: 11, images: 50, interval, p: 1e-4, byChance: 0.0012 }];
  const classesRejected = { A: { share: 0.05, tested: 12, named }, B: { share: 0.05, tested: 12, named: [] } };
  const text = await page({ ...tested([1, 1, 1]), classes: ['cat', 'dog'], classesRejected });
  const section = plain(text.split('<h2>Classes that are rejected</h2>')[1]!.split('</section>')[0]!);
  expect(section).toContain('dog 11 of 50 22.00 [10.00, 40.00] 0.0012');
  expect(section).toContain(
    'B 5.00 % of all labelled ID images are rejected; 12 classes were tested. No class is named.',
  );
});
