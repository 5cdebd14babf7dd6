import type { Reporter } from '@farout/core';
import { forSharing } from './for-sharing.ts';

/**
 * Writes the run's report: a page with tables, charts and the images that were got wrong. It is made to be passed on: see
 * `forSharing`.
 */
export const htmlReporter: Reporter = {
  file: 'report.html',
  render: (results, data) => {
    const shared = forSharing(results, data);
    return fullHtmlReporter.render(shared.results, shared.data);
  },
};

/** The same with absolute paths and the values of variables. */
export const fullHtmlReporter: Reporter = {
  file: 'report.html',
  // The plotting library is loaded when there is something to draw.
  render: async (results, data) => (await import('./page.ts')).page(results, data),
};
