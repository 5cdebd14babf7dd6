import { expect, it } from '@jest/globals';
import { markdownReporter } from '../src/markdown-reporter.ts';
import { nothingDrawn } from './drawn-run.ts';
import { finishedRun } from './finished-run.ts';

it('writes the Markdown of a run to table.md', () => {
  expect(markdownReporter.file).toBe('table.md');
  expect(markdownReporter.render(finishedRun(), nothingDrawn)).toMatch(/^# two-sets\n/);
});
