import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { familyOf, watchMemory } from '../process-memory.ts';
import type { NetworkName } from './open-model.ts';

/** Sampling interval of the time in ms. */
const interval = 100;

/** Peak memory of an extraction in MiB, workers included. */
export async function peakMemory(data: string, name: NetworkName, images: number): Promise<number> {
  const script = fileURLToPath(new URL('extract-many.ts', import.meta.url));
  const loader = new URL('../ts.mjs', import.meta.url).href;
  const words = ['--import', loader, script, data, name, String(images)];
  return (await watched(spawn(process.execPath, words, { stdio: 'inherit' }))).peak;
}

/** The resources used by a process and its descendants. */
export interface Watched {
  /** Peak memory, MiB. */
  readonly peak: number;
  /** Seconds of CPU. */
  readonly cpu: number;
}

/** Watches a process until it ends. @throws Error when it fails. */
export async function watched(child: ChildProcess): Promise<Watched> {
  let cpu = 0;
  const peak = watchMemory(child.pid!);
  const timer = setInterval(() => (cpu = Math.max(cpu, cpuOfAll(familyOf(child.pid!)))), interval);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(timer);
  const found = peak();
  if (code !== 0) throw new Error(`the process ended with ${code ?? 'a signal'}`);
  return { peak: found, cpu };
}

/** CPU seconds used so far by this process and its descendants. Linux only. */
export const cpuOfFamily = (): number => cpuOfAll(familyOf(process.pid));

/** CPU seconds used so far by processes. */
export const cpuOfAll = (family: readonly string[]) => family.reduce((sum, pid) => sum + cpuOf(pid), 0);

/** The kernel counts in hundredths of a second. The program name, which may contain spaces, is in parentheses. 0 if the process has ended. */
function cpuOf(pid: string): number {
  try {
    const [, fields] = /\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
    const [user, system] = fields!.split(' ').slice(11, 13).map(Number) as [number, number];
    return (user + system) / 100;
  } catch {
    return 0;
  }
}
