import { describe, expect, it } from '@jest/globals';
import { testFunctions } from '../src/test-runner.ts';

describe('testFunctions', () => {
  it('takes the functions it is given', () => {
    const given = { describe: () => undefined, it: () => undefined };
    expect(testFunctions(given)).toEqual(given);
  });

  it('takes the global ones of the runner otherwise', () => {
    expect(testFunctions(undefined).describe).toBe((globalThis as { describe?: unknown }).describe);
  });

  it('says what to do in a runner that has none', () => {
    const partial = { describe: () => undefined } as never;
    expect(() => testFunctions(partial)).toThrow(
      "this test runner has no global describe and it; pass them, for example those of 'node:test'",
    );
  });
});
