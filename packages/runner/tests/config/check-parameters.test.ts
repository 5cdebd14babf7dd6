import { describe, expect, it } from '@jest/globals';
import { definePlugin, defineScorer, z } from '@farout/core';
import { builtIn, correct, experimentFolder, mistakesIn } from './fixture.ts';

/** What is said of `mine: { x: … }` by a scorer whose schema has no words of its own. */
async function saidOf(schema: z.ZodType, x: string): Promise<string[]> {
  const params = z.object({ x: schema }).refine((given) => given.x !== 7);
  const mine = defineScorer({ name: 'mine', params, score: ({ logits }) => logits.max(1) });
  const plugin = definePlugin({ ...builtIn, scorers: [...builtIn.scorers!, mine] });
  const folder = experimentFolder(correct.replace('Energy: energy', `Energy: { mine: { x: ${x} } }`));
  return (await mistakesIn(folder, { builtIns: [{ plugin, version: '1.2.3' }] })).map(({ message }) => message);
}

describe('a parameter whose schema has no words of its own', () => {
  it.each([
    ['a check', z.number().refine((x) => x > 3), '2', '"x" of mine must be another value, but is 2'],
    [
      'a choice',
      z.union([z.number(), z.literal('auto')]),
      'most',
      '"x" of mine must be a number or auto, but is "most"',
    ],
    [
      'a choice of lists',
      z.union([z.number(), z.array(z.number())]),
      '[1, two]',
      '"x.1" of mine must be a number, but is "two"',
    ],
    ['a pattern', z.string().regex(/^a/), 'b', '"x" of mine must match pattern /^a/, but is "b"'],
    [
      'keys',
      z.record(z.string().min(2), z.number()),
      '{ a: 1 }',
      'mine: has a key that must have at least 2 characters',
    ],
    ['all of them together', z.number(), '7', 'mine does not take these parameters together'],
  ])('is refused with what it must be: %s', async (_, schema, x, message) => {
    expect(await saidOf(schema, x)).toEqual([message]);
  });
});
