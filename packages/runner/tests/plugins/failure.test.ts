import { describe, expect, it } from '@jest/globals';
import { FaroutError, z } from '@farout/core';
import { failure } from '../../src/plugins/failure.ts';

describe('the failure of a detector', () => {
  it('keeps our code and adds what to do', () => {
    const error = new FaroutError('OOD_SCORE_INVALID', 'gave NaN', { fix: 'Look for 0/0.' });
    expect(failure('A', error)).toEqual({
      detector: 'A',
      code: 'OOD_SCORE_INVALID',
      message: 'gave NaN. Look for 0/0.',
    });
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
