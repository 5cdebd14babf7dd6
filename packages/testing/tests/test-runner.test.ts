import { describe, expect, it } from '@jest/globals';
import { registerTests, testFunctions, testsOf, type Check } from '../src/test-runner.ts';

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

describe('registerTests', () => {
  const clauses: Check<number>[] = [
    { title: 'is even', run: (n) => expect(n % 2).toBe(0) },
    { title: 'ends in 5', applies: (n) => n >= 10 || 'it has one digit', run: (n) => expect(n % 10).toBe(5) },
  ];
  const registered = (n: number, canSkip: boolean) => {
    const [ran, skipped]: [string[], string[]] = [[], []];
    const it = Object.assign(
      (title: string, body: () => unknown) => {
        void body();
        ran.push(title);
      },
      canSkip ? { skip: (title: string) => skipped.push(title) } : {},
    );
    registerTests(
      'a number',
      testsOf(clauses, () => n),
      { describe: (_, body) => body(), it },
    );
    return { ran, skipped };
  };

  it('skips a clause that has nothing to check, and says why in its title', () => {
    const title = 'ends in 5 (does not apply: it has one digit)';
    expect(registered(4, true)).toEqual({ ran: ['is even'], skipped: [title] });
    expect(registered(4, false)).toEqual({ ran: ['is even', title], skipped: [] });
  });

  it('runs it where it has', () => {
    expect(() => registered(14, true)).toThrow();
    expect(registered(4, true).skipped).toHaveLength(1);
  });

  it('leaves it to the test to fail where the part cannot be made', () => {
    const broken = testsOf(clauses, () => {
      throw new Error('it cannot be made');
    });
    expect(broken.map(({ title }) => title)).toEqual(['is even', 'ends in 5']);
    expect(broken[1]!.run).toThrow('it cannot be made');
  });
});
