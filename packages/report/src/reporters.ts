import type { Reporter } from '@farout/core';
import { csvReporter } from './csv-reporter.ts';
import { fullHtmlReporter, htmlReporter } from './html-reporter.ts';
import { latexReporter } from './latex-reporter.ts';
import { markdownReporter } from './markdown-reporter.ts';

/** All that a run folder holds for people to look at. */
export const reporters: readonly Reporter[] = [htmlReporter, markdownReporter, csvReporter, latexReporter];

/** The same for one's own eyes: with absolute paths, and what environment variables said. */
export const fullReporters: readonly Reporter[] = [fullHtmlReporter, markdownReporter, csvReporter, latexReporter];
