import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const starter = fileURLToPath(new URL('../../../tools/start-source.mjs', import.meta.url));

/** A process that has ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a script is started. */
export interface Start {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** A program and its words, in front of the command: it runs the command in its own way. */
  readonly through?: readonly string[];
  /** Called with all of stderr whenever more has come: the moment to send a signal. */
  readonly onStderr?: (soFar: string, send: (signal: NodeJS.Signals) => void) => void;
}

/** Runs a TypeScript file as a process of its own, with the sources as they are at this moment. */
export function spawnScript(
  script: string,
  further: readonly string[],
  { env, onStderr, through = [], cwd }: Start = {},
): Promise<Ended> {
  const [program, ...all] = [...through, process.execPath, starter, script, ...further];
  const child = spawn(program!, all, {
    cwd,
    env: { ...process.env, INIT_CWD: undefined, FORCE_COLOR: undefined, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    onStderr?.(stderr, (signal) => child.kill(signal));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** The words that start `farout`. */
export const command: readonly string[] = [process.execPath, starter, main];

/** Runs `farout` with these words. */
export const spawnCli = (words: readonly string[], start?: Start): Promise<Ended> => spawnScript(main, words, start);
