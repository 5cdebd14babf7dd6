import type { Reporter } from '@farout/core';

/** Writes the run's report: a page with tables, charts and the images that were got wrong. */
export const htmlReporter: Reporter = {
  file: 'report.html',
  // The plotting library is loaded when there is something to draw.
  render: async (results, data) => (await import('./page.ts')).page(results, data),
};
