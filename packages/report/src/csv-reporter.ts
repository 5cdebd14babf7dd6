import { csvLine, defineReporter, type RunResults } from '@farout/core';

/** Writes every cell of the tables, a line each: detector, OOD set, metric, value and what was published, as fractions. RFC 4180. */
export const csvReporter = defineReporter({
  name: 'csv',
  about: { summary: 'Every cell of the tables, a line each, as fractions.' },
  file: 'table.csv',
  render: csvTable,
});

const head = ['detector', 'ood', 'metric', 'value', 'published'];

function csvTable({ results }: RunResults): string {
  const rows = results.map(({ detector, ood, metric, value, published }) =>
    csvLine([detector, ood, metric], [String(value), published === undefined ? '' : String(published)]),
  );
  return csvLine(head) + rows.join('');
}
