import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { FaroutError, z } from '@farout/core';
import { cholesky } from '@farout/linalg';
import { failure, settled, thrownAt } from '../../src/plugins/failure.ts';

describe('the failure of a detector', () => {
  it('keeps our code and adds what to do', () => {
    const error = new FaroutError('OOD_SCORE_INVALID', 'gave NaN', { fix: 'Look for 0/0.' });
    expect(failure('A', error)).toEqual({
      detector: 'A',
      code: 'OOD_SCORE_INVALID',
      message: 'gave NaN. Look for 0/0.',
    });
  });

  it('has the code of a matrix that is refused, and what to do', () => {
    const thrown = (data: readonly number[], shape: readonly number[]) => {
      try {
        cholesky({ data: Float64Array.from(data), shape });
      } catch (error) {
        return failure('A', error);
      }
    };
    expect(thrown([1, 2], [1, 2])).toMatchObject({ code: 'OOD_SHAPE', message: expect.stringContaining('not square') });
    const singular = {
      code: 'OOD_DETECTOR_FAILED',
      message: expect.stringMatching(/not positive definite.*\. Use pseudoInverse/),
    };
    expect(thrown([0], [1, 1])).toMatchObject(singular);
  });

  it('says what a schema refused in sentences, not as the JSON of its issues', () => {
    const { error } = z.object({ rows: z.object({ width: z.number() }) }).safeParse({ rows: { width: 'wide' } });
    const { code, message } = failure('A', error);
    expect(code).toBe('OOD_DETECTOR_FAILED');
    expect(message).toContain('expected number, received string');
    expect(message).toContain('rows.width');
    expect(message).not.toContain('{');
  });

  it.each<[string, unknown, string]>([
    ['a text', 'no', 'no'],
    ['nothing', undefined, 'undefined'],
    ['a message that is no text', { message: 5 }, '{ message: 5 }'],
    ['what has no text', Object.create(null), '[Object: null prototype] {}'],
  ])('has a text, whatever was thrown: %s', (_, thrown, message) => {
    expect(failure('A', thrown)).toEqual({ detector: 'A', code: 'OOD_DETECTOR_FAILED', message });
  });
});

const never = new Promise<never>(() => undefined);

describe('settled', () => {
  it('gives what the promise gives, and leaves no listener behind', async () => {
    const before = process.listenerCount('beforeExit');
    expect(await settled(Promise.resolve(7), new AbortController().signal)).toBe(7);
    await expect(settled(Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
    expect(process.listenerCount('beforeExit')).toBe(before);
  });

  it('throws the reason of a signal that comes first, or that has come', async () => {
    const controller = new AbortController();
    const waiting = settled(never, controller.signal);
    controller.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(settled(never, controller.signal)).rejects.toThrow('stopped');
  });

  it('fails when nothing is left that could settle the promise', async () => {
    const waiting = settled(never);
    process.emit('beforeExit', 0);
    await expect(waiting).rejects.toThrow('its promise never settles');
  });
});

const own = fileURLToPath(new URL('../../src/score/trace.ts', import.meta.url));
const stacked = (...frames: string[]) => ({
  stack: ['TypeError: no', ...frames.map((frame) => `    at ${frame}`)].join('\n'),
});

describe('thrownAt', () => {
  it.each([
    [
      'a function of the plugin',
      stacked(`score (/photos/mine.mjs:7:12)`, `traceScore (${own}:3:1)`),
      '/photos/mine.mjs:7',
    ],
    ['what the plugin called of ours', stacked(`add (${own}:3:1)`, `/photos/a b/mine.ts:9:2`), '/photos/a b/mine.ts:9'],
    ['an address', stacked(`score (file:///photos/my%20own.mjs:7:12)`), '/photos/my own.mjs:7'],
    [
      'installed packages of ours too',
      stacked('add (/x/node_modules/@farout/core/dist/a.js:1:1)', 'score (/x/node_modules/farout-margin/main.js:4:1)'),
      '/x/node_modules/farout-margin/main.js:4',
    ],
    [
      'nothing of only our own',
      stacked(`traceScore (${own}:3:1)`, 'node:internal/process/task_queues:95:5'),
      undefined,
    ],
    ['nothing without a stack', 'text', undefined],
    ['nothing of nothing', null, undefined],
    ['nothing of a stack that is no text', { stack: 7 }, undefined],
    ['an address of another machine as it is', stacked('score (file://host/mine.mjs:7:12)'), 'file://host/mine.mjs:7'],
  ])('names %s', (_, error, expected) => {
    expect(thrownAt(error)).toBe(expected);
  });
});
