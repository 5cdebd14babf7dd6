import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';

/** A script of this folder, compiled. */
export const compiled = (name: string): string =>
  path.join(process.env.FAROUT_COMPILED!, 'packages', 'acquire', 'tests', 'parts', `${name}.js`);

/** How a process has ended. */
export interface Ended {
  readonly said: string;
  readonly signal: NodeJS.Signals | null;
}

/** Starts a process that loads a file: its address, and where it goes. */
export function start(
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
  script = compiled('download-child'),
): { process: ChildProcess; ended: Promise<Ended> } {
  const started = spawn(process.execPath, [script, ...words], { env: { ...process.env, ...env } });
  let said = '';
  started.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => started.on('close', (_, signal) => resolve({ said, signal })));
  return { process: started, ended };
}
