import { describe, expect, it } from '@jest/globals';
import { htmlReporter } from '../src/html-reporter.ts';
import { markdownTable } from '../src/markdown-reporter.ts';
import { metricTables } from '../src/tables.ts';
import { nothingDrawn, shared } from './drawn-run.ts';
import { testedRun } from './tested-run.ts';

const choice = {
  row: 'B',
  values: { 'react.percentile': 85, 'energy.temperature': 1 },
  by: 'auroc',
  id: ['validation'],
  ood: ['noise'],
  points: [70, 85, 99].map((percentile) => ({ values: { 'react.percentile': percentile }, value: 0.9 })),
};
const run = (changes = {}) => {
  const plan = { detectors: ['A', 'B', 'C'], sets: ['sun'], images: 120 };
  return { ...testedRun(plan), chosen: { B: { ...choice, ...changes } } };
};

describe('what was chosen on what', () => {
  it('is said below tables, by what tables call the metric', () => {
    expect(markdownTable(run())).toContain(
      'B: react.percentile 85, energy.temperature 1 chosen by AUROC on validation against noise, out of 3 points.',
    );
  });

  it('says where the data could not choose, and where it chose on test images', () => {
    expect(markdownTable(run({ tied: 2, testSets: ['sun'] }))).toContain(
      'out of 3 points; 2 points were equally good, so the data could not decide; chosen on test images of sun.',
    );
  });

  it('is a table of the page', async () => {
    const page = await htmlReporter.render(run(), nothingDrawn, shared);
    const section = page.split('<h2>Tuning: chosen parameters</h2>')[1]!.split('</section>')[0]!;
    expect([...section.matchAll(/<td>(.*?)<\/td>/g)].map(([, text]) => text)).toEqual([
      'B',
      'react.percentile 85, energy.temperature 1',
      'AUROC',
      'validation',
      'noise',
      '3',
      '',
    ]);
  });

  it('counts points that were judged on test images and are not shown among the rows compared', () => {
    expect(metricTables(run())[0]!.best[0]!.compared).toBe(3);
    expect(metricTables(run({ testSets: ['sun'], unshown: 4 }))[0]!.best[0]!.compared).toBe(7);
  });
});
