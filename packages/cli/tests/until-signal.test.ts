import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { spawnScript } from './spawn-cli.ts';

const script = fileURLToPath(new URL('interruptible.ts', import.meta.url));
/** Milliseconds between two signals: an echo of the first one, and another one. */
const [echo, later] = ['100', '1000'] as const;

/** Runs the script, and sends it a signal when it works and another one when it is stopping. */
const stopTwice = (signal: NodeJS.Signals, ending: string, between: string) =>
  spawnScript(script, [ending, between], {
    onStderr: (text, send) => ['working\n', 'working\nstopping\n'].includes(text) && send(signal),
  });

describe('untilSignal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('lets the work end after %s, then ends by it', async (signal) => {
    const ended = await spawnScript(script, ['at once', later], {
      onStderr: (text, send) => text === 'working\n' && send(signal),
    });
    expect(ended).toMatchObject({ signal, stdout: 'in order\n', stderr: 'working\nstopping\n' });
  });

  it('ends at once at the second signal, while the work would never end', async () => {
    expect(await stopTwice('SIGTERM', 'never', later)).toMatchObject({ signal: 'SIGTERM', stdout: '' });
  });

  it('takes two signals at once for one: a terminal and npm both send it', async () => {
    expect(await stopTwice('SIGINT', 'at the second signal', echo)).toMatchObject({
      signal: 'SIGINT',
      stdout: 'in order\n',
    });
  });

  it('gives back what the work gives when no signal comes', async () => {
    expect(await spawnScript(script, ['unasked', later])).toMatchObject({ code: 7, signal: null });
  });
});
