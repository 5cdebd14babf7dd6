import { readFileSync, readdirSync } from 'node:fs';

/** Sampling interval in ms. */
const interval = 100;

/**
 * Watches the memory of a process and its descendants, and returns a function for their peak in MiB: the sum of resident sets, sampled ten times a
 * second. Shared pages count once per process. Linux only, because it reads /proc.
 */
export function watchMemory(pid: number): () => number {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, residentMegabytes(pid))), interval);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

/** The resident sets of a process and its descendants, in MiB. */
export function residentMegabytes(parent: number): number {
  return familyOf(parent).reduce((sum, pid) => sum + field(pid, 'VmRSS') / 1024, 0);
}

/** A process and its descendants. */
export const familyOf = (parent: number): string[] =>
  readdirSync('/proc').filter((pid) => pid === String(parent) || field(pid, 'PPid') === parent);

/** A number from /proc/<pid>/status; 0 if the process has just ended. */
function field(pid: string, name: string): number {
  try {
    return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
