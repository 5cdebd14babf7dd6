import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { spawnScript } from './spawn-cli.ts';

const script = fileURLToPath(new URL('interruptible.ts', import.meta.url));

describe('untilSignal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('lets the work end after %s, then ends by it', async (signal) => {
    const {
      signal: endedBy,
      stdout,
      stderr,
    } = await spawnScript(script, ['200'], {
      onStderr: (text, send) => text === 'working\n' && send(signal),
    });
    expect({ endedBy, stdout, stderr }).toEqual({
      endedBy: signal,
      stdout: 'in order\n',
      stderr: 'working\nstopping\n',
    });
  });

  it('ends at once at the second signal', async () => {
    const begun = Date.now();
    const { signal: endedBy, stdout } = await spawnScript(script, ['60000'], {
      onStderr: (text, send) => {
        if (text === 'working\n') send('SIGTERM');
        else setTimeout(send, 400, 'SIGTERM');
      },
    });
    expect({ endedBy, stdout }).toEqual({ endedBy: 'SIGTERM', stdout: '' });
    expect(Date.now() - begun).toBeLessThan(30_000);
  });

  it('takes two signals at once for one: a terminal and npm both send it', async () => {
    const { stdout } = await spawnScript(script, ['600'], {
      onStderr: (text, send) => {
        if (text === 'working\n') send('SIGINT');
        else if (text === 'working\nstopping\n') send('SIGINT');
      },
    });
    expect(stdout).toBe('in order\n');
  });

  it('gives back what the work gives when no signal comes', async () => {
    expect(await spawnScript(script, ['0'])).toMatchObject({ code: 7, signal: null });
  });
});
