import type { FailedDetector, RunResults } from '@farout/core';
import { counted } from './counted.ts';

/** How many unreadable images of a dataset are named before the rest is counted; results.json names all. */
const named = 10;

/** What a run lacks: a heading and its lines. */
export interface Shortfall {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What the reader must know of the numbers, detectors and measurements that failed, detectors that tell nothing apart, and images that were left out. Empty when nothing is lacking. */
export const shortfalls = (results: RunResults): Shortfall[] => [
  ...remarks(results),
  ...failures(
    results.failed.filter((failed) => !isOfMetric(failed)),
    'detector',
  ),
  ...failures(results.failed.filter(isOfMetric), 'measurement'),
  ...constantDetectors(results),
  ...Object.entries(results.datasets).flatMap(([name, dataset]) => unreadableImages(name, dataset)),
];

const remarks = ({ remarks: lines = [] }: RunResults): Shortfall[] =>
  lines.length === 0 ? [] : [{ title: counted(lines.length, 'remark'), lines }];

const isOfMetric = ({ code }: FailedDetector) => code === 'OOD_METRIC_FAILED';

function failures(failed: readonly FailedDetector[], of: string): Shortfall[] {
  if (failed.length === 0) return [];
  const lines = failed.map(
    ({ detector, code, message }) => `${detector}: ${message.replace(/\s*\n\s*/g, '; ')} [${code}]`,
  );
  return [{ title: `${counted(failed.length, of)} failed`, lines }];
}

/** Detectors none of whose numbers mean anything. */
export function constantDetectors({ constant }: Pick<RunResults, 'constant'>): Shortfall[] {
  if (constant.length === 0) return [];
  return [
    { title: 'Numbers that say nothing', lines: constant.map((name) => `${name} gave all images the same score`) },
  ];
}

function unreadableImages(name: string, { images, unreadable }: RunResults['datasets'][string]): Shortfall[] {
  if (unreadable.length === 0) return [];
  const rest = unreadable.length - named;
  const lines = unreadable.slice(0, named).map(({ image, reason }) => `${image}: ${reason}`);
  if (rest > 0) lines.push(`and ${rest} more, all named in results.json`);
  return [{ title: `${unreadable.length} of ${counted(images, 'image')} of ${name} left out as unreadable`, lines }];
}
