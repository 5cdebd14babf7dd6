import { definePlugin } from '@farout/core';
import { csvReporter } from './csv-reporter.ts';
import { htmlReporter } from './html-reporter.ts';
import { latexReporter } from './latex-reporter.ts';
import { markdownReporter } from './markdown-reporter.ts';

/** The built-in reporters: every human-readable file of a run folder. */
export const reporters = definePlugin({
  name: '@farout/report',
  reporters: [htmlReporter, markdownReporter, csvReporter, latexReporter],
});
