import { afterAll, describe, expect, it } from '@jest/globals';
import { blocks, textOf } from './fenced-blocks.ts';
import { Workplace } from './workplace.ts';

const workplace = new Workplace();
afterAll(() => workplace.remove());
const demo = await workplace.load('configs/demo.yaml');
const detectors = demo.detectors.map(({ name }) => name);

/** What the demonstration prints, as a document shows it. */
const printedIn = (page: string) =>
  blocks.find(({ document, language }) => document === page && language === 'text')!.text;

/** A table that is printed under a metric's name: its headings, and the numbers of each detector. */
function tableOf(metric: string, page: string) {
  const lines = printedIn(page).split('\n');
  const start = lines.findIndex((line) => line.startsWith(` ${metric} `));
  const rows = lines.slice(start + 2, [...lines, ''].indexOf('', start));
  const numbers = rows.map((row) => [...row.matchAll(/ (\d+\.\d\d)/g)].map(([, number]) => number!));
  return {
    headings: `${lines[start - 1]!} ${lines[start]!.slice(metric.length + 1)}`.trim().split(/\s+/).sort(),
    detectors: rows.map((row) => row.trim().split(/ {2,}/)[0]!),
    numbers,
  };
}

/** The same table in packages/demo's README, which PyTorch and numpy have computed: AUROC / FPR95, the best in bold. */
function computedElsewhere(): Map<string, string[][]> {
  const rows = [...textOf('packages/demo/README.md').matchAll(/^\| (\w.*?) \| (.+ \/ .+) \|$/gm)];
  return new Map(
    rows.map(([, name, cells]) => [
      name!,
      cells!
        .replaceAll('*', '')
        .split(' | ')
        .map((cell) => cell.split(' / ')),
    ]),
  );
}

const guide = 'docs/guide/first-run.md';

describe('the tables of the demonstration', () => {
  it.each([
    ['README.md', 'FPR95, ID positive ↓'],
    [guide, 'FPR95, ID positive ↓'],
    [guide, 'AUROC ↑'],
  ])('have its detectors and OOD sets: %s, %s', (page, metric) => {
    const table = tableOf(metric, page);
    expect(table.detectors).toEqual(detectors);
    const folded = demo.ood.flatMap((name) => name.split(/(?<=-)/));
    expect(table.headings).toEqual([...folded, 'average'].sort());
    for (const row of table.numbers) expect(row).toHaveLength(demo.ood.length + 1);
  });

  it('have the numbers that PyTorch gives', () => {
    const expected = detectors.map((name) => computedElsewhere().get(name)!);
    const fpr95 = expected.map((row) => row.map((cells) => cells[1]));
    expect(tableOf('AUROC ↑', guide).numbers).toEqual(expected.map((row) => row.map(([auroc]) => auroc)));
    expect(tableOf('FPR95, ID positive ↓', guide).numbers).toEqual(fpr95);
    expect(tableOf('FPR95, ID positive ↓', 'README.md').numbers).toEqual(fpr95);
  });
});
