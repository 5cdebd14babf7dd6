import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { familyOf, watchMemory } from '../process-memory.ts';
import type { NetworkName } from './open-model.ts';

/** Peak memory of an extraction in MiB, workers included. */
export async function peakMemory(data: string, name: NetworkName, images: number): Promise<number> {
  const script = fileURLToPath(new URL('extract-many.ts', import.meta.url));
  const loader = new URL('../ts.mjs', import.meta.url).href;
  const child = spawn(process.execPath, ['--import', loader, script, data, name, String(images)], { stdio: 'inherit' });
  const peak = watchMemory(child.pid!);
  const [code] = (await once(child, 'exit')) as [number | null];
  const found = peak();
  if (code !== 0) throw new Error(`the extraction ended with ${code ?? 'a signal'}`);
  return found;
}

/** Seconds of CPU that this process and those that it started have taken so far. Linux only. */
export const cpuOfFamily = (): number => familyOf(process.pid).reduce((sum, pid) => sum + cpuOf(pid), 0);

/** The kernel counts in hundredths of a second; the name of the program, which may hold blanks, is in brackets. */
function cpuOf(pid: string): number {
  const [, fields] = /\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
  const [user, system] = fields!.split(' ').slice(11, 13).map(Number) as [number, number];
  return (user + system) / 100;
}
