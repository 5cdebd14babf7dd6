import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import path from 'node:path';
import type { Ended } from './spawn-cli.ts';
import type { Command } from './warm-cli.ts';

const script = path.join(process.env.FAROUT_COMPILED!, 'packages/cli/tests/warm-cli.js');
/** The process, for all test files of this worker of Jest, which ends with it. */
let kept: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs `farout` with these words in a process that has run others before, as a program does that calls it: starting one takes
 * longer than most commands. What belongs to a process of its own, its end above all, is tested by `spawnCli`.
 */
export function runCli(
  words: readonly string[],
  { cwd = process.cwd(), env = {} }: Partial<Command> = {},
): Promise<Ended> {
  const ended = last.then(() => ask({ words, cwd, env }));
  last = ended.catch(() => undefined);
  return ended;
}

async function ask(command: Command): Promise<Ended> {
  const child = (kept ??= start());
  // What native code and the processes below it write goes past the streams of JavaScript.
  let written = '';
  const note = (chunk: Buffer) => (written += chunk.toString());
  child.stderr!.on('data', note);
  const listening = new AbortController();
  hold(child, 'ref');
  try {
    child.send(command);
    const answers = [once(child, 'message', listening), died(child, listening)];
    const [ended] = (await Promise.race(answers)) as [Ended];
    return { ...ended, stderr: ended.stderr + written };
  } finally {
    listening.abort();
    child.stderr!.off('data', note);
    hold(child, 'unref');
  }
}

function start(): ChildProcess {
  const env = { ...process.env, INIT_CWD: undefined, FORCE_COLOR: undefined };
  return fork(script, { env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
}

/** Whether this process waits for it: only for a command. */
function hold(child: ChildProcess, how: 'ref' | 'unref'): void {
  for (const each of [child, child.channel, child.stderr as Socket]) each?.[how]();
}

async function died(child: ChildProcess, listening: AbortController): Promise<never> {
  const [code, signal] = (await once(child, 'exit', listening)) as [number | null, string | null];
  kept = undefined;
  throw new Error(`the process of the commands ended (${String(signal ?? code)})`);
}
