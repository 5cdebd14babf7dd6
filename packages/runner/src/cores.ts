import { AsyncLocalStorage } from 'node:async_hooks';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

const asked = new AsyncLocalStorage<number>();

/**
 * How many cores this run uses for worker processes, for graphs that learn and score, and for draws: the number
 * requested, or else those of the machine. Does not affect results.
 */
export const cores = (): number => asked.getStore() ?? machineCores();

/** Runs `work` with this many cores; undefined: as many as the machine has. */
export const withCores = <T>(count: number | undefined, work: () => Promise<T>): Promise<T> =>
  count === undefined ? work() : asked.run(count, work);

let known: number | undefined;

/** The cores available to this process: limited by its CPU affinity and by its control group's CPU quota. */
function machineCores(): number {
  known ??= Math.max(1, Math.min(availableParallelism(), Math.floor(quotaOf(readText))));
  return known;
}

/** Returns the text of a file; undefined if it does not exist. */
type Read = (file: string) => string | undefined;

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The number of cores that the CPU quotas of this process's Linux control groups allow; Infinity without a limit.
 * Node's own count only considers CPU affinity. A quota applies to a group and everything below it, so the smallest
 * on the way up counts; a container may see only the root of its own groups.
 */
export function quotaOf(read: Read): number {
  const groups = (read('/proc/self/cgroup') ?? '').split('\n').filter((line) => line !== '');
  return Math.min(Infinity, ...groups.flatMap((line) => quotasOn(line, read)));
}

/** `0::/jobs/7` for cgroup v2, `4:cpu,cpuacct:/jobs/7` for v1. */
function quotasOn(line: string, read: Read): number[] {
  const [, controllers = '', ...rest] = line.split(':');
  const isSecond = controllers === '';
  if (!isSecond && !controllers.split(',').includes('cpu')) return [];
  const mounts = isSecond ? ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'] : [controllers, 'cpu'].map(mountOf);
  const quota = isSecond ? secondQuota : firstQuota;
  return mounts.flatMap((mount) => upwards(rest.join(':')).map((group) => quota(path.posix.join(mount, group), read)));
}

const mountOf = (controllers: string) => `/sys/fs/cgroup/${controllers}`;

/** A group and its ancestors: `/jobs/7`, `/jobs`, `/`. */
function upwards(group: string): string[] {
  const all = [path.posix.normalize(`/${group}`)];
  while (all.at(-1) !== '/') all.push(path.posix.dirname(all.at(-1)!));
  return all;
}

/** `cpu.max` contains `<quota> <period>` in microseconds, or `max <period>`. */
function secondQuota(folder: string, read: Read): number {
  const [quota, period] = (read(path.posix.join(folder, 'cpu.max')) ?? '').split(/\s+/).map(Number);
  return shareOf(quota, period);
}

/** A quota of −1 means none. */
const firstQuota = (folder: string, read: Read): number =>
  shareOf(
    ...(['quota', 'period'] as const).map((which) => Number(read(path.posix.join(folder, `cpu.cfs_${which}_us`)))),
  );

const shareOf = (quota = 0, period = 0) => (quota > 0 && period > 0 ? quota / period : Infinity);
