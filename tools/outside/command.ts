import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Options of a command. */
export interface CommandOptions {
  readonly cwd: string;
  /** A folder that comes first in PATH: another version of node. */
  readonly bin?: string;
}

/** Removes the npm settings of this repository, such as ignore-scripts, which users elsewhere do not have. */
const foreign = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/i.test(name)));

/**
 * Runs a program and returns its stdout.
 *
 * @throws Error with its whole output, when it does not exit with 0.
 */
export async function command(program: string, words: readonly string[], options: CommandOptions): Promise<string> {
  const { cwd, bin } = options;
  const PATH = [...(bin === undefined ? [] : [bin]), process.env.PATH].join(':');
  const child = spawn(program, words, { cwd, env: { ...foreign, PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', all: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
    output.all += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => (output.all += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0) return output.stdout;
  throw new Error(`${program} ${words.join(' ')} in ${cwd} ended with ${code ?? 'a signal'}:\n${output.all}`);
}
