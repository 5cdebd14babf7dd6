import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ChosenParameters, RunResults } from '@farout/core';
import { farout } from '../farout-process.ts';
import { allOf, atMost, type Check } from './check.ts';
import type { Workplace } from './end-to-end.ts';
import { percent, table, writePart } from './photographs-page.ts';

/** A detector with a chosen point, and the results of all points on the test sets. */
interface Cost {
  readonly detector: string;
  readonly chosen: ChosenParameters;
  /** Its row in the results, and its AUROC, the average over the OOD sets. */
  readonly taken: Tested;
  readonly best: Tested;
  readonly worst: Tested;
  readonly points: number;
}

interface Tested {
  readonly row: string;
  readonly auroc: number;
}

/** The loss from choosing parameters on noise: the AUROC of the chosen point compared with the best point on the test sets. */
export async function choice({ data, folder }: Workplace): Promise<Check[]> {
  const out = path.join(folder, 'choice');
  const words = [
    'run',
    'configs/photographs-choice.yaml',
    '--set',
    `store=${folder}/store`,
    '--no-report',
    '--out',
    out,
  ];
  await farout(words, { env: { FAROUT_DATA: data } });
  const results = JSON.parse(readFileSync(path.join(out, 'results.json'), 'utf8')) as RunResults;
  const costs = Object.entries(results.chosen ?? {}).map(([detector, chosen]) => costOf(detector, chosen, results));
  if (process.argv.includes('--write')) writePart('choice', [costsTable(costs)]);
  const lost = costs.map(({ best, taken }) => best.auroc - taken.auroc);
  return [
    allOf('photographs-choice: detectors of which a point was chosen', costs.length, 12),
    atMost('photographs-choice: loss of AUROC in points, mean', mean(lost) * 100, 2),
    atMost('photographs-choice: loss of AUROC in points, median', median(lost) * 100, 0.5),
  ];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return mean([Math.floor, Math.ceil].map((round) => sorted[round((sorted.length - 1) / 2)]!));
}

function costOf(detector: string, chosen: ChosenParameters, { results }: RunResults): Cost {
  const tested = results
    .filter(({ ood, metric, detector: row }) => ood === 'average' && metric === 'auroc' && isPointOf(row, detector))
    .map(({ detector: row, value }): Tested => ({ row, auroc: value }))
    .sort((a, b) => b.auroc - a.auroc);
  const taken = tested.find(({ row }) => row === chosen.row)!;
  return { detector, chosen, taken, best: tested[0]!, worst: tested.at(-1)!, points: tested.length };
}

const isPointOf = (row: string, detector: string) => row.startsWith(`${detector} (`);

/** The text in parentheses in the name of a row. */
const valuesIn = ({ row }: Tested) => / \((.*)\)$/.exec(row)![1]!;

function costsTable(costs: readonly Cost[]): string {
  const rows = costs.map(({ detector, chosen, taken, best, worst, points }) => [
    detector,
    String(points),
    valuesIn(taken) + (chosen.tied === undefined ? '' : `, one of ${chosen.tied} tied`),
    percent(taken.auroc),
    valuesIn(best),
    percent(best.auroc),
    percent(best.auroc - taken.auroc),
    percent(worst.auroc),
  ]);
  const lost = costs.map(({ best, taken }) => best.auroc - taken.auroc);
  const head = [
    'detector',
    'points',
    'chosen on noise',
    'its AUROC',
    'best on the test sets',
    'its AUROC',
    'loss',
    'worst AUROC',
  ];
  const said = `The mean loss is ${percent(mean(lost))} points, the median ${percent(median(lost))}, the maximum ${percent(Math.max(...lost))}. AUROC in percent, averaged over the three OOD sets:`;
  return [said, '', ...table(head, rows, '---')].join('\n');
}
