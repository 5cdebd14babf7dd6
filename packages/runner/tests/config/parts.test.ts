import { describe, expect, it } from '@jest/globals';
import { defineDataset, definePlugin, defineScorer, z } from '@farout/core';
import { editorSchema } from '../../src/config/schema.ts';
import { loadCatalogue } from '../../src/plugins/load.ts';
import { builtIn, correct, experimentFolder, load, mistakesIn, summary } from './fixture.ts';

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

const withSplit = (split: string) =>
  correct.replace('{ root: images/photographs }', `{ root: images/photographs, split: ${split} }`);

/** A dataset that had such a parameter before there was the key. */
const ownSplit = definePlugin({
  name: 'own-split',
  datasets: [
    defineDataset({
      name: 'table',
      params: z.object({ split: z.string() }),
      open: () => Promise.resolve({ images: [] }),
    }),
  ],
});

describe('split', () => {
  it.each([
    ['{ every: 2 }', { every: 2, offset: 0 }],
    ['{ every: 3, offset: 2 }', { every: 3, offset: 2 }],
    ['{ share: 0.5 }', { share: 0.5, from: 0, seed: 0 }],
    ['{ share: 0.3, from: 0.7, seed: 4 }', { share: 0.3, from: 0.7, seed: 4 }],
  ])('%s is understood, and part of the experiment as it was resolved', async (written, split) => {
    const { datasets, resolved } = await load(experimentFolder(withSplit(written)));
    const photographs = datasets.get('photographs')!;
    expect([photographs.split, photographs.params]).toEqual([split, expect.not.objectContaining({ split })]);
    expect(resolved).toMatchObject({ datasets: { photographs: { 'image-folder': { split } } } });
    expect(datasets.get('sun')).not.toHaveProperty('split');
  });

  it.each([
    ['{}', 'takes either "every" or "share"'],
    ['{ every: 2, share: 0.5 }', 'takes either "every" or "share"'],
    ['{ every: 2, offset: 2 }', '"offset" counts from 0 to 1'],
    ['{ share: 0.5, offset: 1 }', '"offset" belongs to "every"'],
    ['{ every: 2, seed: 1 }', '"from" and "seed" belong to "share"'],
    ['{ share: 0.6, from: 0.5 }', 'more than 1 together'],
    ['{ share: 50 }', '"share" of split must be'],
    ['{ evry: 2 }', 'split has no parameter "evry"'],
    ['half', '"split" of image-folder must be a map'],
  ])('%s is refused at its place: %s', async (written, message) => {
    const errors = await mistakesIn(experimentFolder(withSplit(written)));
    expect(errors.map((error) => error.message)).toContainEqual(expect.stringContaining(message));
    expect(summary(errors)[0]).toMatch(/^experiment\.yaml:6:\d+ OOD_BAD_PARAMETER$/);
  });

  it('is merged and set like any parameter', async () => {
    const folder = experimentFolder(withSplit('{ every: 2 }'));
    const { datasets } = await load(folder, { set: ['datasets.photographs.image-folder.split.offset=1'] });
    expect(datasets.get('photographs')!.split).toEqual({ every: 2, offset: 1 });
  });

  it('is left to a dataset that has such a parameter of its own', async () => {
    const builtIns = [builtIn, ownSplit].map((plugin) => ({ plugin, version: '1.0.0' }));
    const folder = experimentFolder(correct.replace('image-folder: { root: images/sun }', 'table: { split: train }'));
    const sun = (await load(folder, { builtIns })).datasets.get('sun')!;
    expect([sun.params, 'split' in sun]).toEqual([{ split: 'train' }, false]);
  });

  it('is completed by editors, for every dataset but those', async () => {
    const builtIns = [builtIn, ownSplit].map((plugin) => ({ plugin, version: '1.0.0' }));
    const catalogue = await loadCatalogue({ builtIns, plugins: [] });
    const text = JSON.stringify((editorSchema(catalogue).$defs as Record<string, unknown>).dataset);
    expect(text).toContain('takes one image of so many');
    expect(text.match(/"every"/g)).toHaveLength(1);
  });
});
