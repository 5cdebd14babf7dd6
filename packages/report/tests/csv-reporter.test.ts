import { expect, it } from '@jest/globals';
import { csvReporter } from '../src/csv-reporter.ts';
import { nothingDrawn, shared } from './drawn-run.ts';
import { finishedRun, measured, withPublished } from './finished-run.ts';

it('writes a line for every cell, with what was published', () => {
  expect(csvReporter.file).toBe('table.csv');
  expect(csvReporter.render(withPublished(), nothingDrawn, shared)).toBe(
    [
      'detector,ood,metric,value,published,low,high,method,seeds,deviation',
      'MSP,sun,fpr95,0.7,,,,,,',
      'MSP,average,fpr95,0.65,,,,,,',
      'ReAct,sun,fpr95,0.25,0.242,,,,,',
      'ReAct,average,fpr95,0.3,,,,,,',
      '',
    ].join('\r\n'),
  );
});

it('writes intervals as fractions, with how they were made', () => {
  const interval = { low: 0.6, high: 0.75, method: 'bootstrap' } as const;
  const results = [{ detector: 'MSP', ood: 'sun', metric: 'fpr95', value: 0.7, interval }];
  expect(csvReporter.render(finishedRun({ results }), nothingDrawn, shared)).toContain(
    '\r\nMSP,sun,fpr95,0.7,,0.6,0.75,bootstrap,,\r\n',
  );
});

it('writes over how many seeds a number is, and their deviation', () => {
  const results = [
    { detector: 'WeiPer', ood: 'sun', metric: 'fpr95', value: 0.7, seeds: { count: 5, deviation: 0.0125 } },
  ];
  expect(csvReporter.render(finishedRun({ results }), nothingDrawn, shared)).toContain(
    '\r\nWeiPer,sun,fpr95,0.7,,,,,5,0.0125\r\n',
  );
});

it('keeps names from being computed by a spreadsheet', () => {
  const results = measured('auroc', { '=cmd()': { '+sun': 1 } });
  expect(csvReporter.render(finishedRun({ results }), nothingDrawn, shared)).toContain(
    "\r\n'=cmd(),'+sun,auroc,1,,,,,,\r\n",
  );
});

it('puts quotes around names with commas, quotes or line breaks', () => {
  const results = measured('auroc', { 'a,"b"\nc': { sun: 1 } });
  expect(csvReporter.render(finishedRun({ results }), nothingDrawn, shared)).toContain(
    '\r\n"a,""b""\nc",sun,auroc,1,,,,,,\r\n',
  );
});
