import path from 'node:path';
import type { Experiment } from '../experiment.ts';
import { hashData } from '../store/entries.ts';

/**
 * A hash of an experiment that is the same on every host which has its files in the same places beside the YAML file: of the experiment as it is
 * resolved, its paths relative to that file's folder, without the store.
 */
export function experimentMark({ file, resolved }: Pick<Experiment, 'file' | 'resolved'>): string {
  const { store: _, ...rest } = resolved as Readonly<Record<string, unknown>>;
  return hashData(relativeTo(path.dirname(file), rest));
}

/** Plain data in which every absolute path is one from a folder, the same wherever that folder lies; of objects the keys and values in order. */
export function relativeTo(folder: string, value: unknown): unknown {
  if (typeof value === 'string') return path.isAbsolute(value) ? posix(path.relative(folder, value)) : value;
  if (Array.isArray(value)) return value.map((each) => relativeTo(folder, each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([key, each]) => [key, relativeTo(folder, each)]);
}

const posix = (file: string) => file.split(path.sep).join('/');
