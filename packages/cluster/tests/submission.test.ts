import { describe, expect, it } from '@jest/globals';
import { callEngine, checkedTasks, dnsLabel } from '../src/index.ts';

describe('a label of DNS', () => {
  it('is the name itself where that is one', () => {
    expect(dnsLabel('imagenet-1k')).toBe('imagenet-1k');
  });

  it.each(['Imagenet', 'a/b', '-a', 'a_b', '', 'ä', 'x'.repeat(41)])(
    'is told from other names by digits: %j',
    (name) => {
      const label = dnsLabel(name);
      expect(label).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/);
      expect(label).toMatch(/-[0-9a-f]{8}$/);
      expect(label).not.toBe(dnsLabel(`${name} `));
    },
  );
});

describe('the number of tasks', () => {
  it.each([0, -1, 1.5, Number.NaN, 10_001])('is refused: %p', (tasks) => {
    expect(() => checkedTasks(tasks)).toThrow(expect.objectContaining({ code: 'OOD_BAD_COMMAND' }));
  });
});

describe('a program of an engine', () => {
  const cwd = process.cwd();

  it('reads what is sent, and its words are not those of a shell', async () => {
    expect(await callEngine('cat', ['-'], { cwd, input: 'kind: Job\n' })).toBe('kind: Job\n');
    expect(await callEngine('echo', ['$(touch x); "'], { cwd })).toBe('$(touch x); "\n');
  });

  it('that is not there is an error of its own', async () => {
    await expect(callEngine('farout-no-such-engine', [], { cwd })).rejects.toMatchObject({ code: 'OOD_ENGINE_ABSENT' });
  });

  it('that refuses is quoted', async () => {
    const refusal = callEngine('ls', ['--no-such-option'], { cwd, input: 'x'.repeat(1_000_000) });
    await expect(refusal).rejects.toMatchObject({
      code: 'OOD_ENGINE_FAILED',
      message: expect.stringContaining('no-such-option'),
    });
  });
});
