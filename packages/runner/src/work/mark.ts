import path from 'node:path';
import type { Experiment } from '../experiment.ts';
import { hashData } from '../store/entries.ts';

/**
 * A hash of an experiment that is the same on every host with the same files relative to the YAML file. It covers the
 * resolved experiment without the store, with paths relative to that file's folder.
 */
export function experimentMark({ file, resolved }: Pick<Experiment, 'file' | 'resolved'>): string {
  const { store: _, ...rest } = resolved as Readonly<Record<string, unknown>>;
  return hashData(relativeTo(path.dirname(file), rest));
}

/**
 * Plain data with every absolute path made relative to a folder, so that it does not depend on where the folder is;
 * objects become lists of keys and values, in order.
 */
export function relativeTo(folder: string, value: unknown): unknown {
  if (typeof value === 'string') return path.isAbsolute(value) ? posix(path.relative(folder, value)) : value;
  if (Array.isArray(value)) return value.map((each) => relativeTo(folder, each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([key, each]) => [key, relativeTo(folder, each)]);
}

const posix = (file: string) => file.split(path.sep).join('/');
