import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { NetworkName } from './open-model.ts';

/** How often the memory is looked at, in milliseconds. */
const interval = 100;

/**
 * Peak memory of an extraction in MiB: the resident sets of the main process and its workers together, looked at ten
 * times a second. Pages that processes share count for each of them. Linux only, as it reads /proc.
 */
export async function peakMemory(data: string, name: NetworkName, images: number): Promise<number> {
  const script = fileURLToPath(new URL('extract-many.ts', import.meta.url));
  const loader = new URL('../ts.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', loader, script, data, name, String(images)], { stdio: 'inherit' });
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, residentMegabytes(child.pid!))), interval);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  if (code !== 0) throw new Error(`the extraction ended with ${code ?? 'a signal'}`);
  return peak;
}

function residentMegabytes(parent: number): number {
  return familyOf(parent).reduce((sum, pid) => sum + field(pid, 'VmRSS') / 1024, 0);
}

const familyOf = (parent: number) =>
  readdirSync('/proc').filter((pid) => pid === String(parent) || field(pid, 'PPid') === parent);

/** Seconds of CPU that this process and those that it started have taken so far. Linux only. */
export const cpuOfFamily = (): number => familyOf(process.pid).reduce((sum, pid) => sum + cpuOf(pid), 0);

/** The kernel counts in hundredths of a second; the name of the program, which may hold blanks, is in brackets. */
function cpuOf(pid: string): number {
  const [, fields] = /\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
  const [user, system] = fields!.split(' ').slice(11, 13).map(Number) as [number, number];
  return (user + system) / 100;
}

/** A number of /proc/<pid>/status; 0 where the process has just gone. */
function field(pid: string, name: string): number {
  try {
    return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
