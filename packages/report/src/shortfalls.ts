import type { FailedDetector, Overlap, RunResults, UnreadableImage } from '@farout/core';
import { counted } from './numbers.ts';

/** How many unreadable images of a dataset are listed before the rest is counted; results.json lists all. */
export const namedImages = 10;

/** A problem of a run: a heading and its lines. */
export interface Shortfall {
  readonly title: string;
  readonly lines: readonly string[];
}

/**
 * Everything that limits the numbers: images shared by sets, remarks, failed detectors and measurements, detectors with constant scores,
 * and skipped images, at most `most` per set by name. Empty if there is nothing to report.
 */
export const shortfalls = (results: RunResults, most = namedImages): Shortfall[] => [
  ...notable(results),
  ...constantDetectors(results),
  ...Object.entries(results.datasets).flatMap(([name, dataset]) => unreadableImages(name, dataset, most)),
];

/** The shortfalls of the run as a whole: images shared by sets, remarks and failures. */
export const notable = (results: RunResults): Shortfall[] => [
  ...overlapping(results),
  ...remarks(results),
  ...failures(
    results.failed.filter((failed) => !isOfMetric(failed)),
    'detector',
  ),
  ...failures(results.failed.filter(isOfMetric), 'measurement'),
];

const remarks = ({ remarks: lines = [] }: RunResults): Shortfall[] =>
  lines.length === 0 ? [] : [{ title: counted(lines.length, 'remark'), lines }];

/** Listed first: shared images make numbers look better than they are. */
function overlapping({ overlaps = [] }: RunResults): Shortfall[] {
  if (overlaps.length === 0) return [];
  return [{ title: 'Sets that share images', lines: overlaps.map(overlapLine) }];
}

function overlapLine({ sets: [one, other], images, example }: Overlap): string {
  const what =
    one.dataset === other.dataset
      ? `${one.dataset} is both the ${roles[one.role]} and the ${roles[other.role]} set`
      : `${counted(images, 'image')} of ${one.dataset} (${roles[one.role]}) also in ${other.dataset} (${roles[other.role]}), for example ${example}`;
  if (one.role === 'fit') return `${what}: detectors that learn were tested on images they learned from`;
  return other.role === 'id' ? `${what}: counted twice` : `${what}: both in and out of distribution`;
}

const roles = { id: 'ID', fit: 'fit', ood: 'OOD' } as const;

const isOfMetric = ({ code }: FailedDetector) => code === 'OOD_METRIC_FAILED';

function failures(failed: readonly FailedDetector[], of: string): Shortfall[] {
  if (failed.length === 0) return [];
  const lines = failed.map(
    ({ detector, code, message }) => `${detector}: ${message.replace(/\s*\n\s*/g, '; ')} [${code}]`,
  );
  return [{ title: `${counted(failed.length, of)} failed`, lines }];
}

/** Detectors whose numbers are meaningless, because every image has the same score. */
export function constantDetectors({ constant }: Pick<RunResults, 'constant'>): Shortfall[] {
  if (constant.length === 0) return [];
  return [{ title: 'Meaningless numbers', lines: constant.map((name) => `${name} gave all images the same score`) }];
}

function unreadableImages(
  name: string,
  { images, unreadable }: RunResults['datasets'][string],
  most: number,
): Shortfall[] {
  const ofMachine = unreadable.filter(({ cause }) => cause === 'machine');
  const ofContent = unreadable.filter(({ cause }) => cause === undefined);
  const all = counted(images, 'image');
  return [
    ...leftOut(ofContent, `${ofContent.length} of ${all} of ${name} left out as unreadable`, most),
    ...leftOut(
      ofMachine,
      `${ofMachine.length} of ${all} of ${name} left out because of this machine, not because of their content; the next run retries them`,
      most,
    ),
  ];
}

function leftOut(unreadable: readonly UnreadableImage[], title: string, most: number): Shortfall[] {
  if (unreadable.length === 0) return [];
  const rest = unreadable.length - most;
  const lines = unreadable.slice(0, most).map(({ image, reason }) => `${image}: ${reason}`);
  if (rest > 0) lines.push(`and ${rest} more; results.json lists all`);
  return [{ title, lines }];
}
