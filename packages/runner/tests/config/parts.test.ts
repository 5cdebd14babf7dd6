import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defineDataset, defineHook, definePlugin, defineScorer, filePath, learnsFrom, z } from '@farout/core';
import { editorSchema } from '../../src/config/editor-schema.ts';
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
    ['all of them together', z.number(), '7', 'mine does not accept this combination of parameters'],
  ])('is refused with what it must be: %s', async (_, schema, x, message) => {
    expect(await saidOf(schema, x)).toEqual([message]);
  });
});

describe('a condition that a schema names in its own words', () => {
  const percent = z.number().refine((x) => x >= 1, 'x is in percent');
  const params = z
    .object({ x: percent.optional().describe('a share in percent'), y: z.number().optional() })
    .refine(({ x, y }) => !(x && y), {
      path: ['x'],
      error: 'x and y exclude each other',
    });
  const mine = defineScorer({ name: 'mine', params, score: ({ logits }) => logits.max(1) });
  const plugin = definePlugin({ ...builtIn, scorers: [...builtIn.scorers!, mine] });
  const fixesOf = async (given: string) => {
    const folder = experimentFolder(correct.replace('Energy: energy', `Energy: { mine: ${given} }`));
    return (await mistakesIn(folder, { builtIns: [{ plugin, version: '1' }] })).map(({ message, fix }) => [
      message,
      fix,
    ]);
  };

  it('is mended by another value if it is about one parameter', async () => {
    expect(await fixesOf('{ x: 0.9 }')).toEqual([['mine: x is in percent', 'Give "x" a number: a share in percent.']]);
  });

  it('is mended by other parameters if it is about several', async () => {
    expect(await fixesOf('{ x: 90, y: 1 }')).toEqual([
      ['mine: x and y exclude each other', 'Change the parameters, or remove one.'],
    ]);
  });
});

describe('a parameter that is a path, a word or a list', () => {
  const datasets = [
    defineDataset({
      name: 'table',
      params: z.object({ names: z.union([z.literal('all'), z.array(z.string()), filePath()]) }),
      open: () => Promise.resolve({ images: [] }),
    }),
  ];
  const builtIns = [
    { plugin: definePlugin({ ...builtIn, datasets: [...builtIn.datasets!, ...datasets] }), version: '1' },
  ];
  const experiment = (names: string) =>
    experimentFolder(correct.replace('image-folder: { root: images/photographs }', `table: { names: ${names} }`), {
      'names.txt': '',
    });

  it('is relative to the experiment as a path, and left as it is otherwise', async () => {
    const namesIn = async (folder: string) => (await load(folder, { builtIns })).datasets.get('photographs')!.params;
    const folder = experiment('names.txt');
    expect(await namesIn(folder)).toEqual({ names: path.join(folder, 'names.txt') });
    expect(await namesIn(experiment('all'))).toEqual({ names: 'all' });
    expect(await namesIn(experiment('[a, b]'))).toEqual({ names: ['a', 'b'] });
  });

  it('is a mistake as the path of what is not there', async () => {
    const errors = await mistakesIn(experiment('name.txt'), { builtIns });
    expect(errors.map(({ code }) => code)).toEqual(['OOD_MISSING_FILE']);
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
    ['{ perClass: 50 }', { perClass: 50, seed: 0 }],
    ['{ perClass: 50, seed: 4 }', { perClass: 50, seed: 4 }],
    ['{ perClass: 50, rest: true }', { perClass: 50, seed: 0, rest: true }],
  ])('%s is understood, and part of the experiment as it was resolved', async (written, split) => {
    const { datasets, resolved } = await load(experimentFolder(withSplit(written)));
    const photographs = datasets.get('photographs')!;
    expect([photographs.split, photographs.params]).toEqual([split, expect.not.objectContaining({ split })]);
    expect(resolved).toMatchObject({ datasets: { photographs: { 'image-folder': { split } } } });
    expect(datasets.get('sun')).not.toHaveProperty('split');
  });

  it.each([
    ['{}', 'needs one of "every", "share", "perClass" and "list"'],
    ['{ every: 2, share: 0.5 }', 'needs one of "every", "share", "perClass" and "list"'],
    ['{ share: 0.5, perClass: 2 }', 'needs one of "every", "share", "perClass" and "list"'],
    ['{ every: 2, offset: 2 }', '"offset" counts from 0 to 1'],
    ['{ share: 0.5, offset: 1 }', '"offset" works only with "every"'],
    ['{ every: 2, seed: 1 }', '"seed" works only with "share" and "perClass"'],
    ['{ perClass: 2, from: 0.5 }', '"from" works only with "share"'],
    ['{ perClass: 2, offset: 1 }', '"offset" works only with "every"'],
    ['{ every: 2, rest: true }', '"rest" works only with "perClass" and "list"'],
    ['{ list: fit.txt, seed: 1 }', '"seed" works only with "share" and "perClass"'],
    ['{ list: fit.txt, every: 2 }', 'needs one of "every", "share", "perClass" and "list"'],
    ['{ perClass: 0 }', '"perClass" of split must be'],
    ['{ share: 0.6, from: 0.5 }', 'more than 1 together'],
    ['{ share: 50 }', '"share" of split must be'],
    ['{ evry: 2 }', 'split has no parameter "evry"'],
    ['half', '"split" of image-folder must be a map'],
  ])('%s is refused at its place: %s', async (written, message) => {
    const errors = await mistakesIn(experimentFolder(withSplit(written)));
    expect(errors.map((error) => error.message)).toContainEqual(expect.stringContaining(message));
    expect(summary(errors)[0]).toMatch(/^experiment\.yaml:6:\d+ OOD_BAD_PARAMETER$/);
  });

  it('by a list names it relative to the experiment, and says where there is none', async () => {
    const folder = experimentFolder(withSplit('{ list: fit.txt, rest: true }'));
    expect(summary(await mistakesIn(folder))).toEqual([
      expect.stringMatching(/^experiment\.yaml:6:\d+ OOD_MISSING_FILE$/),
    ]);
    const list = path.join(folder, 'fit.txt');
    writeFileSync(list, 'a.jpg\n');
    expect((await load(folder)).datasets.get('photographs')!.split).toEqual({ list, rest: true });
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
    expect(text).toContain('takes every n-th image');
    expect(text.match(/"every"/g)).toHaveLength(1);
  });
});

/** Learns, and has no parameters. */
const centred = defineHook({ name: 'centred', fit: () => learnsFrom(['features'], () => ({})), features: (h) => h });
/** Learns from what it calls `fit` itself. */
const ownFit = defineHook({
  name: 'own-fit',
  params: z.object({ fit: z.enum(['fast', 'slow']) }),
  fit: () => learnsFrom(['features'], () => ({})),
  features: (h) => h,
});
const constantScore = defineScorer({ name: 'constant', score: ({ logits }) => logits.max().mul(0) });
const learners = definePlugin({ ...builtIn, hooks: [...builtIn.hooks!, centred, ownFit], scorers: [...builtIn.scorers!, constantScore] }); // prettier-ignore
const withLearners = { builtIns: [{ plugin: learners, version: '1.2.3' }] };

const withDetector = (detector: string) =>
  experimentFolder(correct.replace('ReAct: [react: { percentile: 90 }, energy]', `ReAct: ${detector}`));

describe('fit of a part', () => {
  it('names the set that the part alone learns from, and is part of the experiment as it was resolved', async () => {
    const folder = withDetector('[react: { percentile: 90, fit: sun }, energy]');
    const { detectors, fit, resolved, datasets } = await load(folder);
    const [hook] = detectors[1]!.hooks;
    expect([fit, hook!.fit, hook!.params]).toEqual(['photographs', 'sun', { percentile: 90 }]);
    expect(detectors[1]!.scorer).not.toHaveProperty('fit');
    expect(resolved).toMatchObject({
      fit: 'photographs',
      detectors: { ReAct: [{ react: { percentile: 90, fit: 'sun' } }, { energy: {} }] },
    });
    expect([...datasets.keys()]).toContain('sun');
  });

  it('is enough where the experiment has no fit set, and a set that has no other role is opened for it', async () => {
    const folder = experimentFolder(
      correct
        .replace('fit: photographs\n', '')
        .replace('ood: [textures, sun]', 'ood: [textures]')
        .replace('percentile: 90', 'percentile: 90, fit: sun'),
    );
    const { fit, datasets } = await load(folder);
    expect([fit, [...datasets.keys()].sort()]).toEqual([undefined, ['photographs', 'sun', 'textures']]);
  });

  it('is taken from a part without parameters too, and left to one that has such a parameter of its own', async () => {
    const folder = withDetector('[centred: { fit: sun }, own-fit: { fit: fast }, energy]');
    const [first, second] = (await load(folder, withLearners)).detectors[1]!.hooks;
    expect([first!.fit, first!.params]).toEqual(['sun', {}]);
    expect(['fit' in second!, second!.params]).toEqual([false, { fit: 'fast' }]);
  });

  it.each([
    ['a set that nobody defines', '[react: { fit: snu }, energy]', 'OOD_UNKNOWN_DATASET', 'snu', 25],
    [
      'a number',
      '[react: { fit: 3 }, energy]',
      'OOD_BAD_PARAMETER',
      '"fit" of react must be the name of a dataset',
      25,
    ],
    ['a part that never learns', '[react: { c: 1 }, energy: { fit: sun }]', 'OOD_BAD_PARAMETER', 'energy has no parameter "fit"', 38], // prettier-ignore
  ])('is refused at its place: %s', async (_, detector, code, says, column) => {
    const errors = await mistakesIn(withDetector(detector));
    expect(summary(errors)).toEqual([`experiment.yaml:16:${column} ${code}`]);
    expect(errors[0]!.message).toContain(says);
  });

  it('is completed by editors, for parts that learn and have no such parameter', async () => {
    const catalogue = await loadCatalogue({ ...withLearners, plugins: [] });
    const { hook, scorer } = (editorSchema(catalogue) as { $defs: Record<string, { anyOf: unknown[] }> }).$defs;
    const fitOf = (parts: typeof hook, name: string) => {
      const part = parts!.anyOf.find((each) => JSON.stringify(each).includes(`"properties":{"${name}"`));
      return /"fit":(\{.*?\})/.exec(JSON.stringify(part))?.[1];
    };
    const named = expect.stringContaining('the dataset that this part learns from') as unknown;
    expect(['react', 'centred'].map((name) => fitOf(hook, name))).toEqual([named, named]);
    expect(fitOf(hook, 'own-fit')).toContain('slow');
    expect(fitOf(scorer, 'energy')).toBeUndefined();
  });
});

describe('a part without params', () => {
  it('is written by its name alone, and has no parameters', async () => {
    for (const written of ['constant', '[constant]', '{ constant: {} }']) {
      const { detectors, resolved } = await load(withDetector(written), withLearners);
      expect(detectors[1]!.scorer.params).toEqual({});
      expect(resolved).toMatchObject({ detectors: { ReAct: [{ constant: {} }] } });
    }
  });

  it('takes none', async () => {
    const errors = await mistakesIn(withDetector('{ constant: { k: 1 } }'), withLearners);
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['OOD_BAD_PARAMETER', 'constant has no parameter "k"'],
    ]);
  });
});
