import { csvLine, defineReporter, type RunResults } from '@farout/core';

/** Writes every cell of the tables, one per line: detector, OOD set, metric, value, published value and interval, as fractions (RFC 4180). */
export const csvReporter = defineReporter({
  name: 'csv',
  about: { summary: 'Every cell of the tables, one per line, as fractions.' },
  file: 'table.csv',
  render: csvTable,
});

const head = ['detector', 'ood', 'metric', 'value', 'published', 'low', 'high', 'method', 'seeds', 'deviation'];

function csvTable({ results }: RunResults): string {
  const rows = results.map(({ detector, ood, metric, value, published, interval, seeds }) => {
    const spread = [interval?.low, interval?.high, interval?.method, seeds?.count, seeds?.deviation];
    return csvLine([detector, ood, metric], [value, published, ...spread].map(written));
  });
  return csvLine(head) + rows.join('');
}

const written = (value: number | string | undefined) => (value === undefined ? '' : String(value));
