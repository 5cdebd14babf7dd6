import { describe, expect, it } from '@jest/globals';
import {
  defineMetric,
  definePlugin,
  defineReporter,
  defineScorer,
  FaroutErrors,
  scoresFrom,
  tokens,
  type Reporter,
} from '@farout/core';
import { checkPlugin } from '../../src/plugins/check.ts';
import { loadCatalogue } from '../../src/plugins/load.ts';
import { editorSchema } from '../../src/config/editor-schema.ts';
import { builtIn, correct, experimentFolder, folderOf, load, mistakesIn, summary } from '../config/fixture.ts';

const metric = (name: string) => defineMetric({ name, better: 'higher', value: () => 0 });
const scorer = (name: string) =>
  defineScorer({
    name,
    rows: () =>
      scoresFrom(
        ['logits'],
        () =>
          ({ logits }) =>
            new Float32Array(logits.shape[0]),
      ),
  });
const metrics = definePlugin({ name: '@test/metrics', metrics: [metric('fpr95'), metric('auroc')] });

const plugin = (name: string, members: string) => `
import { definePlugin, defineScorer, scoresFrom, tokens, z } from '@farout/core';
const scorer = (name) => defineScorer({ name, params: z.object({}), rows: () => scoresFrom([], () => () => new Float32Array(0)) });
export default definePlugin({ name: '${name}', ${members} });`;

describe('loadCatalogue', () => {
  it('lists what built-ins and other plugins bring, by kind, in alphabetical order, with their origins', async () => {
    const folder = folderOf({ 'mine.mjs': plugin('mine', `scorers: [scorer('b'), scorer('a')]`) });
    const place = { file: 'x.yaml', line: 1, column: 1 };
    const catalogue = await loadCatalogue({
      builtIns: [{ plugin: metrics, version: '0.1.0' }],
      plugins: [{ specifier: './mine.mjs', folder, place }],
    });
    expect(catalogue.names('metric')).toEqual(['auroc', 'fpr95']);
    expect(catalogue.names('scorer')).toEqual(['a', 'b']);
    expect(catalogue.names('hook')).toEqual([]);
    expect(catalogue.entries('metric').map(({ name, origin }) => [name, origin])).toEqual([
      ['auroc', '@test/metrics 0.1.0'],
      ['fpr95', '@test/metrics 0.1.0'],
    ]);
    expect(catalogue.find('scorer', 'a')!.origin).toMatch(/^\.\/mine\.mjs SHA-256 [0-9a-f]{64}$/);
    expect(catalogue.find('metric', 'auroc')!.definition).toBe(metrics.metrics![1]);
  });

  it('knows which metrics are measured by default, in the order in which plugins bring them', async () => {
    const byDefault = (name: string) => ({ ...metric(name), byDefault: true }) as const;
    const brought = [byDefault('z'), metric('m'), byDefault('a')];
    const first = definePlugin({ name: 'first', metrics: brought });
    const second = definePlugin({ name: 'second', metrics: [byDefault('b')] });
    const builtIns = [first, second].map((each) => ({ plugin: each, version: '1' }));
    expect((await loadCatalogue({ builtIns, plugins: [] })).defaultMetrics).toEqual(['z', 'a', 'b']);
  });

  it('finds nothing by a name of another kind or of an object’s own members', async () => {
    const catalogue = await loadCatalogue({ builtIns: [{ plugin: metrics, version: '1' }], plugins: [] });
    expect(catalogue.find('scorer', 'auroc')).toBeUndefined();
    expect(catalogue.find('metric', 'toString')).toBeUndefined();
    expect(catalogue.find('metric', '__proto__')).toBeUndefined();
  });

  it('takes a part that comes twice as the one it is', async () => {
    const again = definePlugin({ name: 'again', metrics: metrics.metrics! });
    const builtIns = [metrics, again].map((each) => ({ plugin: each, version: '1' }));
    const catalogue = await loadCatalogue({ builtIns, plugins: [] });
    expect(catalogue.entries('metric').map(({ origin }) => origin)).toEqual(['@test/metrics 1', '@test/metrics 1']);
  });

  it('refuses two plugins that bring the same name or service, with both origins', async () => {
    const clock = () => ({ [tokens.clock]: () => Date });
    const one = definePlugin({ name: 'one', scorers: [scorer('margin')], services: clock() });
    const two = definePlugin({
      name: 'two',
      scorers: [scorer('margin')],
      metrics: [metric('margin')],
      services: clock(),
    });
    const builtIns = [one, two].map((each) => ({ plugin: each, version: '1.0.0' }));
    const loaded = loadCatalogue({ builtIns, plugins: [] });
    await expect(loaded).rejects.toBeInstanceOf(FaroutErrors);
    await expect(loaded).rejects.toMatchObject({
      errors: [
        { code: 'OOD_PLUGIN_CLASH', message: 'two 1.0.0 and one 1.0.0 both provide a scorer "margin"' },
        { code: 'OOD_PLUGIN_CLASH', message: 'two 1.0.0 and one 1.0.0 both replace the service farout.clock' },
      ],
    });
  });
});

describe('another name of a part', () => {
  const called = (name: string, ...aliases: string[]) => ({ ...scorer(name), about: { summary: 'A score.', aliases } });
  const catalogueOf = (...plugins: ReturnType<typeof called>[][]) =>
    loadCatalogue({
      builtIns: plugins.map((scorers, at) => ({ plugin: definePlugin({ name: `p${at}`, scorers }), version: '1' })),
      plugins: [],
    });

  it('finds it, and is not among the names', async () => {
    const mahalanobis = called('mahalanobis', 'mds', 'mahalanobis');
    const catalogue = await catalogueOf([mahalanobis]);
    expect(catalogue.find('scorer', 'mds')).toMatchObject({ name: 'mahalanobis', definition: mahalanobis });
    expect(catalogue.find('hook', 'mds')).toBeUndefined();
    expect(catalogue.names('scorer')).toEqual(['mahalanobis']);
    expect(catalogue.aliases('scorer')).toEqual(['mds', 'mahalanobis']);
  });

  it.each([
    [
      'another part’s',
      [called('b', 'mds')],
      'p1 1 and p0 1 both provide a scorer "mds", another name of "b" and of "a"',
    ],
    ['another part’s own', [called('mds')], 'p1 1 and p0 1 both provide a scorer "mds", another name of "a"'],
    ['also of another plugin', [called('c', 'a')], 'p1 1 and p0 1 both provide a scorer "a", another name of "c"'],
  ])('is refused where it is %s', async (_, others, message) => {
    await expect(catalogueOf([called('a', 'mds')], others)).rejects.toMatchObject({
      code: 'OOD_PLUGIN_CLASH',
      message,
    });
  });

  it('must be text in a list', () => {
    const { name, rows } = called('a') as ReturnType<typeof called> & { rows: never };
    const wrong = (aliases: unknown) =>
      checkPlugin({ name: 'p', scorers: [{ name, rows, about: { summary: 'A score.', aliases } }] } as never);
    expect(wrong('mds')).toEqual([expect.stringContaining('scorers "a" about aliases')]);
    expect(wrong(['m\nds'])).toEqual([expect.stringContaining('must be a line of text')]);
  });

  it('names the part in an experiment, whose resolved form has the part’s own name', async () => {
    const plugin = definePlugin({ ...builtIn, scorers: [...builtIn.scorers!, called('mahalanobis', 'mds')] });
    const loaded = { builtIns: [{ plugin, version: '1' }] };
    const { detectors, resolved } = await load(
      experimentFolder(correct.replace('Energy: energy', 'Energy: energy\n  MDS: mds')),
      loaded,
    );
    expect(detectors.find(({ name }) => name === 'MDS')!.scorer.definition.name).toBe('mahalanobis');
    expect(resolved).toMatchObject({ detectors: { MDS: [{ mahalanobis: {} }] } });
    const [slip] = await mistakesIn(experimentFolder(correct.replace('Energy: energy', 'Energy: mdd')), loaded);
    expect(slip).toMatchObject({ code: 'OOD_UNKNOWN_SCORER', fix: 'Did you mean "mds"?' });
  });

  it('counts once where a metric is listed by two of its names', async () => {
    const roc = { ...metric('auroc'), about: { summary: 'The area.', aliases: ['roc-auc'] } };
    const plugin = definePlugin({ ...builtIn, metrics: [metric('fpr95'), roc] });
    const { metrics } = await load(experimentFolder(correct.replace('[fpr95]', '[roc-auc, fpr95, auroc]')), {
      builtIns: [{ plugin, version: '1' }],
    });
    expect(metrics.map(({ name }) => name)).toEqual(['auroc', 'fpr95']);
  });

  it('is completed by editors, with the same parameters', async () => {
    const catalogue = await catalogueOf([called('mahalanobis', 'mds')]);
    const { anyOf } = (editorSchema(catalogue) as { $defs: { scorer: { anyOf: object[] } } }).$defs.scorer;
    expect(anyOf).toContainEqual({ const: 'mds', description: 'A score.' });
    expect(anyOf).toContainEqual(expect.objectContaining({ required: ['mds'] }));
  });
});

describe('the plugins of an experiment', () => {
  const using = (plugins: string, scorerName: string) =>
    `${correct.replace('Energy: energy', `Energy: ${scorerName}`)}plugins: ${plugins}\n`;

  it('bring parts by the same door as the built-ins', async () => {
    const folder = experimentFolder(using('[./mine.mjs]', 'margin'), {
      'mine.mjs': plugin('mine', `scorers: [scorer('margin')], services: { [tokens.clock]: () => 'mine' }`),
    });
    const { detectors, services } = await load(folder);
    expect(detectors[0]!.scorer).toMatchObject({ definition: { name: 'margin' }, params: {} });
    expect(detectors[0]!.scorer.origin).toMatch(/^\.\/mine\.mjs SHA-256 /);
    expect(services.get(tokens.clock)!()).toBe('mine');
  });

  it('are relative to the folder of the user in an override', async () => {
    const cwd = folderOf({ 'mine.mjs': plugin('mine', `scorers: [scorer('margin')]`) });
    const file = `${experimentFolder(correct)}/experiment.yaml`;
    const set = ['plugins=[./mine.mjs]', 'detectors.Energy=margin'];
    const { detectors, resolved } = await load(cwd, { file, set });
    expect(detectors[0]!.scorer.definition.name).toBe('margin');
    expect(resolved).toMatchObject({ plugins: [`${cwd}/mine.mjs`] });
  });

  it('are reported at their places, and no name is called unknown that they might have brought', async () => {
    const folder = experimentFolder(
      using('[./mine.mjs, ./absent.mjs, ./clash.mjs, ./fine.mjs, ./fine.mjs]', 'margin').replace(
        'name: test',
        'name: test\nseed: x',
      ),
      {
        'mine.mjs': 'throw new Error("no luck");',
        'fine.mjs': plugin('fine', `scorers: [scorer('fine')]`),
        'clash.mjs': plugin('clash', `scorers: [scorer('energy')]`),
      },
    );
    expect(summary(await mistakesIn(folder))).toEqual([
      'experiment.yaml:2:7 OOD_CONFIG_TYPE',
      'experiment.yaml:19:11 OOD_PLUGIN_FAILED',
      'experiment.yaml:19:23 OOD_PLUGIN_FAILED',
      'experiment.yaml:19:37 OOD_PLUGIN_CLASH',
      'experiment.yaml:19:62 OOD_DUPLICATE_NAME',
    ]);
  });

  it('are reported when a part of theirs throws while it is checked', async () => {
    const folder = experimentFolder(
      using('[./mine.mjs]', 'margin').replace('percentile: 90', 'c: 1').replace('fit: photographs\n', ''),
      {
        'mine.mjs': plugin('mine', `scorers: [{ ...scorer('margin'), fit() { throw new Error('no luck'); } }]`),
      },
    );
    const [error] = await mistakesIn(folder);
    expect(error).toMatchObject({ code: 'OOD_PLUGIN_FAILED', place: { line: 14, column: 11 } });
    expect(error!.message).toContain('no luck');
  });
});

describe('reporters', () => {
  const reporter = (name: string, file = `${name}.txt`) => defineReporter({ name, file, render: () => '' });
  const loaded = (...all: Reporter[][]) =>
    loadCatalogue({
      builtIns: all.map((reporters, i) => ({ plugin: definePlugin({ name: `p${i}`, reporters }), version: '1' })),
      plugins: [],
    });

  it('are known in the order in which plugins bring them', async () => {
    const { reporters } = await loaded([reporter('z'), reporter('m')], [reporter('a')]);
    expect(reporters.map(({ file }) => file)).toEqual(['z.txt', 'm.txt', 'a.txt']);
  });

  it('are refused when two have a name, or write a file that some file system takes for the same', async () => {
    const clash = (message: string) => ({ code: 'OOD_PLUGIN_CLASH', message });
    await expect(loaded([reporter('a')], [reporter('a', 'b.txt')])).rejects.toMatchObject(
      clash('p1 1 and p0 1 both provide a reporter "a"'),
    );
    await expect(loaded([reporter('a', 'table.md')], [reporter('b', 'Table.md')])).rejects.toMatchObject(
      clash('"b" of p1 1 and "a" of p0 1 both write Table.md'),
    );
  });

  it.each([
    ['results.json', 'must not be the name of a file that every run folder has'],
    ['Scores.csv', 'must not be the name of a file that every run folder has'],
    ['../table.md', 'must be a file name such as table.md'],
    ['fitted', 'must be a file name such as table.md'],
    ['.hidden', 'must be a file name such as table.md'],
    ['a b.txt', 'must be a file name such as table.md'],
  ])('may not write %s', (file, mistake) => {
    const plugin = definePlugin({ name: 'p', reporters: [reporter('r', file)] });
    expect(checkPlugin(plugin)).toEqual([`reporters "r" file ${mistake}`]);
  });

  it.each(['table.md', 'report-2.tar.gz'])('may write %s', (file) => {
    expect(checkPlugin(definePlugin({ name: 'p', reporters: [reporter('r', file)] }))).toEqual([]);
  });
});

it('knows what a section of a part must have', () => {
  const sections = [{ of: 'everything', title: '', blocks: 'none' }] as never;
  const plugin = definePlugin({ name: 'p', scorers: [{ ...scorer('s'), sections }] });
  expect(checkPlugin(plugin)).toEqual([
    expect.stringMatching(/^scorers "s" sections 0 of /),
    'scorers "s" sections 0 title must not be empty',
    'scorers "s" sections 0 blocks must be a function',
  ]);
});
