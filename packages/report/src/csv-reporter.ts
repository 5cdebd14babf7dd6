import type { Reporter, RunResults } from '@farout/core';

/** Writes every cell of the tables, a line each: detector, OOD set, metric, value and what was published, as fractions. RFC 4180. */
export const csvReporter: Reporter = { file: 'table.csv', render: csvTable };

const head = ['detector', 'ood', 'metric', 'value', 'published'];

function csvTable({ results }: RunResults): string {
  const rows = results.map(({ detector, ood, metric, value, published }) => [
    detector,
    ood,
    metric,
    String(value),
    published === undefined ? '' : String(published),
  ]);
  return [head, ...rows].map((row) => `${row.map(field).join(',')}\r\n`).join('');
}

const field = (text: string) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
