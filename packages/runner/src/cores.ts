import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

const asked = new AsyncLocalStorage<number>();

/**
 * How many cores this run uses, for worker processes, for graphs that learn and score, and for draws: what was asked for, else what the
 * machine gives. No number depends on it.
 */
export const cores = (): number => asked.getStore() ?? machineCores();

/** Does something with so many cores; undefined: as many as the machine gives. */
export const withCores = <T>(count: number | undefined, work: () => Promise<T>): Promise<T> =>
  count === undefined ? work() : asked.run(count, work);

let known: number | undefined;

/** The cores that the machine gives this process: those that it may run on, and no more than its group's quota of time. */
function machineCores(): number {
  known ??= Math.max(1, Math.min(availableParallelism(), Math.floor(quotaOf(readText))));
  return known;
}

/** Gives what a file says; undefined where there is none. */
type Read = (file: string) => string | undefined;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * How many cores' time Linux gives the control groups that this process is in, Infinity without a limit. Node's own count heeds only those that
 * a process may run on. A quota holds for a group and all below it, so the least on the way up counts; a container may see the
 * root of its own groups alone.
 */
export function quotaOf(read: Read): number {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').filter((line) => line !== '');
  return Math.min(Infinity, ...groups.flatMap((line) => quotasOn(line, read)));
}

/** `0::/jobs/7` of version 2, `4:cpu,cpuacct:/jobs/7` of version 1. */
function quotasOn(line: string, read: Read): number[] {
  const [, controllers = '', ...rest] = line.split(':');
  const isSecond = controllers === '';
  if (!isSecond && !controllers.split(',').includes('cpu')) return [];
  const mounts = isSecond ? ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'] : [controllers, 'cpu'].map(mountOf);
  const quota = isSecond ? secondQuota : firstQuota;
  return mounts.flatMap((mount) => upwards(rest.join(':')).map((group) => quota(path.posix.join(mount, group), read)));
}

const mountOf = (controllers: string) => `/sys/fs/cgroup/${controllers}`;

/** A group and those above it: `/jobs/7`, `/jobs`, `/`. */
function upwards(group: string): string[] {
  const all = [path.posix.normalize(`/${group}`)];
  while (all.at(-1) !== '/') all.push(path.posix.dirname(all.at(-1)!));
  return all;
}

/** `cpu.max` holds `<quota> <period>` in microseconds, or `max <period>`. */
function secondQuota(folder: string, read: Read): number {
  const [quota, period] = (read(path.posix.join(folder, 'cpu.max')) ?? '').split(/\s+/).map(Number);
  return shareOf(quota, period);
}

/** A quota of −1 is none. */
const firstQuota = (folder: string, read: Read): number =>
  shareOf(
    ...(['quota', 'period'] as const).map((which) => Number(read(path.posix.join(folder, `cpu.cfs_${which}_us`)))),
  );

const shareOf = (quota = 0, period = 0) => (quota > 0 && period > 0 ? quota / period : Infinity);
