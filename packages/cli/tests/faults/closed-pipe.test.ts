import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { command } from '../spawn-cli.ts';
import { runWords, scoresOf, temporaryFolder } from './small-experiment.ts';

/** Starts the run, reads from one of its streams until something comes, closes that one as `head -1` does, and awaits the end. */
async function closedAfterFirst(folder: string, stream: 'stdout' | 'stderr', words: readonly string[]) {
  const [program, ...main] = command;
  const all = [...main, ...runWords(words)];
  const child = spawn(program!, all, { cwd: folder, env: { ...process.env, INIT_CWD: undefined } });
  const exited = once(child, 'exit');
  child[stream === 'stdout' ? 'stderr' : 'stdout'].resume();
  await once(child[stream], 'data');
  child[stream].destroy();
  return exited;
}

describe('a reader that closes its end', () => {
  it.each([
    ['stderr', []],
    ['stdout', ['--json']],
  ] as const)('of %s does not end the run', async (stream, words) => {
    const folder = temporaryFolder();
    expect(await closedAfterFirst(folder, stream, words)).toEqual([0, null]);
    expect(scoresOf(folder)).toMatch(/^dataset,image,/);
  });
});
