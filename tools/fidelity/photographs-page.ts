import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { RunResults } from '@farout/core';

const page = fileURLToPath(new URL('../../docs/photographs.md', import.meta.url));
const end = '<!-- until here -->';

/** Rewrites the tables of docs/photographs.md: the results of photographs-all.yaml, and the detectors that refused the run. */
export const writePhotographsPage = (run: RunResults): void =>
  writePart('everything', [metricsTable(run), refusalsTable(run)]);

/** Rewrites the part of docs/photographs.md that belongs to a comparison. */
export function writePart(comparison: string, blocks: readonly string[]): void {
  const begin = `<!-- written by npm run fidelity -- ${comparison} --write -->`;
  const text = readFileSync(page, 'utf8');
  const from = text.indexOf(begin) + begin.length;
  const [before, after] = [text.slice(0, from), text.slice(text.indexOf(end, from))];
  writeFileSync(page, [before, ...blocks, after].join('\n\n'));
}

function metricsTable({ results, accuracy }: RunResults): string {
  const detectors = unique(results.map(({ detector }) => detector));
  const sets = unique(results.map(({ ood }) => ood));
  const valueOf = (detector: string, ood: string, metric: string) =>
    results.find((each) => each.detector === detector && each.ood === ood && each.metric === metric)!.value;
  const rows = detectors.map((detector) => [
    detector,
    ...['fpr95', 'auroc'].flatMap((metric) => sets.map((ood) => percent(valueOf(detector, ood, metric)))),
  ]);
  const head = ['detector', ...['FPR95', 'AUROC'].flatMap((metric) => sets.map((ood) => `${metric} ${ood}`))];
  const said = `The network classifies ${percent(accuracy!)} % of the ID photographs correctly. In percent; FPR95 ↓, AUROC ↑:`;
  return [said, '', ...table(head, rows, '---:')].join('\n');
}

const refusalsTable = ({ failed }: RunResults): string =>
  [
    `Failed: ${failed.length} detectors. The other rows are not affected.`,
    '',
    ...table(
      ['detector', 'message'],
      failed.map(({ detector, message }) => [detector, message]),
      '---',
    ),
  ].join('\n');

/** A Markdown table: the first column left-aligned, the others as given. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], alignment: string): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(head),
    `|---|${head
      .slice(1)
      .map(() => `${alignment}|`)
      .join('')}`,
    ...rows.map(line),
  ];
}

const unique = (names: readonly string[]) => [...new Set(names)];
/** A fraction in percent. */
export const percent = (share: number) => (100 * share).toFixed(2);
