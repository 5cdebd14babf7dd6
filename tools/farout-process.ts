import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { watchMemory } from './process-memory.ts';

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** The repository. */
export const repository = here('..');

/** A finished process. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  /** Peak memory of the process and its workers, in MiB; absent if not watched. */
  readonly megabytes?: number;
}

/** Options of a process. */
export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Sends SIGKILL to the process and its children after this many ms. */
  readonly killAfter?: number;
  /** Whether to watch its memory; Linux only. */
  readonly watched?: boolean;
}

/** Runs the command from sources, in its own process group, so that a kill also reaches its workers. */
export async function farout(
  words: readonly string[],
  { env = {}, killAfter, watched = false }: ProcessOptions = {},
): Promise<Finished> {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    ['--import', new URL('ts.mjs', import.meta.url).href, here('../packages/cli/src/main.ts'), ...words],
    {
      cwd: repository,
      env: { ...process.env, INIT_CWD: repository, ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
  const peak = watched && process.platform === 'linux' ? watchMemory(child.pid!) : undefined;
  const timer = killAfter === undefined ? undefined : setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), killAfter);
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code, ...output, seconds: (performance.now() - start) / 1000, ...(peak && { megabytes: peak() }) };
}
