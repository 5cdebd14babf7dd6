import { expect, it } from '@jest/globals';
import { markdownReporter } from '../src/markdown-reporter.ts';
import { finishedRun } from './finished-run.ts';

it('writes the Markdown of a run to table.md', () => {
  expect(markdownReporter.file).toBe('table.md');
  expect(
    markdownReporter.render(finishedRun(), {
      schemaVersion: 1,
      distributions: [],
      curves: [],
      rectifications: [],
      sweeps: [],
      mistakes: [],
    }),
  ).toMatch(/^# two-sets\n/);
});
