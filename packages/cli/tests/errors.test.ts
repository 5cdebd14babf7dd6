import { FaroutError, FaroutErrors } from '@farout/core';
import { describe, expect, it } from '@jest/globals';
import { reportError } from '../src/errors.ts';

function reported(error: unknown) {
  let text = '';
  const code = reportError(error, { write: (more) => (text += more) });
  return { code, text };
}
const wrong = new FaroutError('OOD_CONFIG_EMPTY', 'x.yaml is empty', { fix: 'Write something.' });
const failed = new FaroutError('OOD_WORKER_DIED', 'a worker died');

describe('reportError', () => {
  it('describes a wrong request: exit code 2', () => {
    expect(reported(wrong)).toEqual({ code: 2, text: 'x.yaml is empty\nWrite something.\n[OOD_CONFIG_EMPTY]\n' });
  });

  it('describes a failed run: exit code 1', () => {
    expect(reported(failed)).toEqual({ code: 1, text: 'a worker died\n[OOD_WORKER_DIED]\n' });
  });

  it('describes several errors; one of a failed run makes the exit code 1', () => {
    expect(reported(new FaroutErrors([wrong, wrong])).code).toBe(2);
    expect(reported(new FaroutErrors([wrong, failed]))).toMatchObject({ code: 1 });
    expect(reported(new FaroutErrors([wrong, failed])).text).toContain('[OOD_CONFIG_EMPTY]\n\na worker died');
  });

  it('shows the stack of what nobody foresaw, its cause, and asks to report it: exit code 1', () => {
    const { code, text } = reported(new TypeError('x is undefined', { cause: new RangeError('the cause') }));
    expect(code).toBe(1);
    expect(text).toMatch(/TypeError: x is undefined\n +at .*errors\.test/);
    expect(text).toContain('RangeError: the cause');
    expect(text).toContain('Please report it');
  });

  it('shows what is thrown without being an error', () => {
    expect(reported('a text').text).toMatch(/^'a text'\n/);
  });

  it('says of an interrupted run what becomes of it: exit code 130', () => {
    const interrupted = Object.assign(new Error('what is done is kept'), { name: 'Interrupted' });
    expect(reported(interrupted)).toEqual({ code: 130, text: 'what is done is kept\n' });
  });
});
