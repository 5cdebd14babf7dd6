import { readFileSync, readdirSync } from 'node:fs';

/** How often the memory is looked at, in milliseconds. */
const interval = 100;

/**
 * Watches the memory of a process and of those that it starts, and gives their peak in MiB when it is asked: resident sets together,
 * looked at ten times a second. Pages that processes share count for each of them. Linux only, as it reads /proc.
 */
export function watchMemory(pid: number): () => number {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, residentMegabytes(pid))), interval);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** The resident sets of a process and of those that it has started, in MiB. */
export function residentMegabytes(parent: number): number {
  return familyOf(parent).reduce((sum, pid) => sum + field(pid, 'VmRSS') / 1024, 0);
}

/** A process and those that it has started. */
export const familyOf = (parent: number): string[] =>
  readdirSync('/proc').filter((pid) => pid === String(parent) || field(pid, 'PPid') === parent);

/** A number of /proc/<pid>/status; 0 where the process has just gone. */
function field(pid: string, name: string): number {
  try {
    return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
