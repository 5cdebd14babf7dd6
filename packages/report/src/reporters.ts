import { definePlugin } from '@farout/core';
import { csvReporter } from './csv-reporter.ts';
import { htmlReporter } from './html-reporter.ts';
import { latexReporter } from './latex-reporter.ts';
import { markdownReporter } from './markdown-reporter.ts';

/** The built-in reporters: all that a run folder holds for people to look at. */
export const reporters = definePlugin({
  name: '@farout/report',
  reporters: [htmlReporter, markdownReporter, csvReporter, latexReporter],
});
