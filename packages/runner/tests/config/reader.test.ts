import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { SourceText, toPlain, type MapNode } from '../../src/config/node.ts';
import { mergeExperiments } from '../../src/config/reader.ts';
import { Faults } from '../../src/config/faults.ts';
import { parseYaml } from '../../src/config/yaml.ts';
import { correct, experimentFolder, load, mistakesIn, summary } from './fixture.ts';

const own = 'extends: base.yaml\nname: own\n';

describe('extends', () => {
  it('gives an experiment the keys of another, and leaves no trace of itself', async () => {
    const { name, detectors, resolved } = await load(experimentFolder(own, { 'base.yaml': correct }));
    expect([name, detectors.map((detector) => detector.name)]).toEqual(['own', ['Energy', 'ReAct']]);
    expect(resolved).not.toHaveProperty('extends');
    const alone = await load(experimentFolder(correct.replace('name: test', 'name: own')));
    expect(Object.keys(resolved as object)).toEqual(Object.keys(alone.resolved as object));
  });

  it('may name several: a later one wins, and the experiment over all', async () => {
    const yaml = 'extends: [base.yaml, two.yaml, three.yaml]\nmetrics: [auroc]';
    const files = { 'base.yaml': correct, 'two.yaml': 'name: two\nseed: 2\nmetrics: [fpr95]', 'three.yaml': 'seed: 3' };
    const { name, seed, metrics } = await load(experimentFolder(yaml, files));
    expect([name, seed, metrics.map((metric) => metric.name)]).toEqual(['two', 3, ['auroc']]);
  });

  it('may name one that extends another, from whatever folder', async () => {
    const files = {
      'a/b.yaml': 'extends: ../c/d.yaml\nseed: 1',
      'c/d.yaml': 'extends: ../base.yaml\nseed: 2\nname: d',
    };
    const folder = experimentFolder('extends: a/b.yaml', { ...files, 'base.yaml': correct });
    const { name, seed } = await load(folder);
    expect([name, seed]).toEqual(['d', 1]);
  });

  it('may name the same file by two ways', async () => {
    const files = { 'a.yaml': 'extends: base.yaml', 'b.yaml': 'extends: base.yaml\nseed: 4', 'base.yaml': correct };
    expect((await load(experimentFolder('extends: [a.yaml, b.yaml]', files))).seed).toBe(4);
  });

  it('takes paths, and datasets that are looked up, from beside the file that names them', async () => {
    const datasets = correct.slice(correct.indexOf('datasets:'), correct.indexOf('id:'));
    const base = correct.replace(datasets, '').replace('model.pth', 'weights.pth');
    const elsewhere = (name: string) => ({ [`lib/datasets/${name}.yaml`]: 'image-folder: { root: ../pictures }' });
    const files = {
      'lib/base.yaml': base,
      'lib/weights.pth': '',
      'lib/pictures/a.jpg': '',
      ...elsewhere('photographs'),
      ...elsewhere('textures'),
      ...elsewhere('sun'),
      'datasets/sun.yaml': 'image-folder: { root: ../images/sun }',
      'datasets/extra.yaml': 'image-folder: { root: ../images/textures }',
    };
    const folder = experimentFolder('extends: lib/base.yaml\nood: [sun, extra]', files);
    const { backbone, datasets: found } = await load(folder);
    expect(backbone.params.weights).toBe(join(folder, 'lib/weights.pth'));
    expect([...found].map(([name, { params }]) => [name, params.root])).toEqual([
      ['photographs', join(folder, 'lib/pictures')],
      ['sun', join(folder, 'images/sun')],
      ['extra', join(folder, 'images/textures')],
    ]);
  });

  it('replaces variables in its paths', async () => {
    const folder = experimentFolder('extends: ${BASE}.yaml', { 'base.yaml': correct });
    expect((await load(folder, { env: { BASE: 'base' } })).name).toBe('test');
  });

  it('is read before --set, which changes what came of it', async () => {
    const folder = experimentFolder(own, { 'base.yaml': correct });
    const set = ['detectors.ReAct.0.react.percentile=80', 'seed=7'];
    const { seed, detectors } = await load(folder, { set });
    expect([seed, detectors[1]!.hooks[0]!.params]).toEqual([7, { percentile: 80 }]);
    const [error] = await mistakesIn(folder, { set: ['extends=other.yaml'] });
    expect(error).toMatchObject({ code: 'OOD_BAD_OVERRIDE', place: { file: '--set', column: 1 } });
  });

  it('reports every mistake of every file at its own place', async () => {
    const files = {
      'middle.yaml': 'extends: base.yaml\nsead: 1\ndetectors: { Energy: enrgy }',
      'base.yaml': correct.replace('percentile: 90', 'percentile: 101').replace('images/sun', 'images/none'),
    };
    const errors = await mistakesIn(experimentFolder('extends: middle.yaml\nseed: ten\nfit: nobody', files));
    expect(summary(errors).sort()).toEqual([
      'base.yaml:10:27 OOD_MISSING_FILE',
      'base.yaml:16:32 OOD_BAD_PARAMETER',
      'experiment.yaml:2:7 OOD_CONFIG_TYPE',
      'experiment.yaml:3:6 OOD_UNKNOWN_DATASET',
      'middle.yaml:2:1 OOD_UNKNOWN_KEY',
      'middle.yaml:3:22 OOD_UNKNOWN_SCORER',
    ]);
  });

  it('says what is missing after the merge at the experiment', async () => {
    const errors = await mistakesIn(experimentFolder(`${own}id: null`, { 'base.yaml': correct }));
    expect(errors.map(({ message, place }) => [message, place?.file])).toEqual([
      ['the experiment has no "id"', 'experiment.yaml'],
    ]);
  });

  it.each([
    [
      'a file that is not there',
      'none.yaml',
      {},
      'experiment.yaml:1:10 OOD_MISSING_FILE',
      /there is no file .*none\.yaml/,
    ],
    ['a folder', 'images', {}, 'experiment.yaml:1:10 OOD_MISSING_FILE', /is not a file/],
    ['an empty file', 'b.yaml', { 'b.yaml': '# no' }, 'b.yaml:1:1 OOD_CONFIG_EMPTY', /the experiment is empty/],
    ['a list', 'b.yaml', { 'b.yaml': '- a' }, 'b.yaml:1:1 OOD_CONFIG_TYPE', /but this is a list/],
    ['no YAML', 'b.yaml', { 'b.yaml': 'a: [' }, 'b.yaml:1:5 OOD_CONFIG_SYNTAX', /not valid YAML/],
    [
      'a number',
      '1',
      {},
      'experiment.yaml:1:10 OOD_CONFIG_TYPE',
      /"extends" must be the path of an experiment, or a list/,
    ],
    ['nothing', '[]', {}, 'experiment.yaml:1:10 OOD_CONFIG_TYPE', /"extends" /],
    ['an unset variable', '${NO}.yaml', {}, 'experiment.yaml:1:10 OOD_UNSET_VARIABLE', /the variable NO is not set/],
    [
      'itself',
      'experiment.yaml',
      {},
      'experiment.yaml:1:10 OOD_BAD_EXTENDS',
      /itself: experiment\.yaml → experiment\.yaml$/,
    ],
    [
      'one that comes back to it',
      'a.yaml',
      { 'a.yaml': 'extends: [b.yaml]', 'b.yaml': 'seed: 1\nextends: ./a.yaml' },
      'b.yaml:2:10 OOD_BAD_EXTENDS',
      /itself: a\.yaml → b\.yaml → a\.yaml$/,
    ],
  ])('reports %s, and nothing that follows from it', async (_, base, files, place, message) => {
    const errors = await mistakesIn(experimentFolder(`extends: ${base}`, files));
    expect(summary(errors)).toEqual([place]);
    expect(errors[0]!.message).toMatch(message);
  });

  it('reports all bases that are missing at once', async () => {
    const errors = await mistakesIn(experimentFolder('extends: [a.yaml, base.yaml, b.yaml]', { 'base.yaml': correct }));
    expect(summary(errors)).toEqual(['experiment.yaml:1:11 OOD_MISSING_FILE', 'experiment.yaml:1:30 OOD_MISSING_FILE']);
  });

  it('refuses files that extend two others each, which would never end', async () => {
    const files = Array.from(
      { length: 30 },
      (_, i) => [`${i}.yaml`, `extends: [${i + 1}.yaml, ${i + 1}.yaml]`] as const,
    );
    const folder = experimentFolder('extends: 0.yaml', { ...Object.fromEntries<string>(files), '30.yaml': correct });
    const errors = await mistakesIn(folder);
    expect(new Set(errors.map(({ message }) => message))).toEqual(
      new Set(['the experiment extends more than 100 files']),
    );
  });
});

const parse = (yaml: string) => parseYaml(new SourceText('a.yaml', '/', yaml), {}, new Faults([])) as MapNode;
const merged = (base: string, over: string) => toPlain(mergeExperiments(parse(base), parse(over)));

describe('an experiment over its base', () => {
  it.each([
    ['replaces text and numbers', 'name: a\nseed: 1', 'seed: 2', { name: 'a', seed: 2 }],
    ['replaces lists', 'ood: [a, b]', 'ood: [c]', { ood: ['c'] }],
    [
      'merges maps at any depth',
      'published: { A: { x: { m: 1 } } }',
      'published: { A: { y: { m: 2 } }, B: {} }',
      {
        published: { A: { x: { m: 1 }, y: { m: 2 } }, B: {} },
      },
    ],
    ['takes away by null', 'fit: a\nid: b', 'fit: null', { id: 'b' }],
    ['takes away by nothing', 'detectors: { A: msp, B: energy }', 'detectors: { A: }', { detectors: { B: 'energy' } }],
    ['keeps null where there is nothing to be taken away', 'id: b', 'fit: null', { id: 'b', fit: null }],
    [
      'merges a backbone of the same name',
      'backbone: { a: { x: 1, y: [1] } }',
      'backbone: { a: { y: [2], z: 3 } }',
      {
        backbone: { a: { x: 1, y: [2], z: 3 } },
      },
    ],
    [
      'replaces a backbone of another name',
      'backbone: { a: { x: 1 } }',
      'backbone: { b: { y: 2 } }',
      {
        backbone: { b: { y: 2 } },
      },
    ],
    [
      'replaces a part by a bare name',
      'detectors: { E: { energy: { T: 2 } } }',
      'detectors: { E: energy }',
      {
        detectors: { E: 'energy' },
      },
    ],
    [
      'replaces a part by its name with nothing after it',
      'backbone: { a: { x: 1 } }',
      'backbone: { a: }',
      {
        backbone: { a: null },
      },
    ],
    [
      'replaces a bare name by a part',
      'detectors: { E: energy }',
      'detectors: { E: { energy: { T: 2 } } }',
      {
        detectors: { E: { energy: { T: 2 } } },
      },
    ],
    [
      'sets a parameter to its default by null',
      'backbone: { a: { x: 1, y: 2 } }',
      'backbone: { a: { x: null } }',
      {
        backbone: { a: { y: 2 } },
      },
    ],
    [
      'replaces a detector that is a list',
      'detectors: { R: [{ react: { c: 1 } }, msp] }',
      'detectors: { R: [react, msp] }',
      {
        detectors: { R: ['react', 'msp'] },
      },
    ],
    [
      'merges datasets by name, and each as a part',
      'datasets: { a: { f: { r: 1 } }, b: { f: { r: 2 } } }',
      'datasets: { a: { f: { n: 3 } }, b: { g: { q: 4 } } }',
      { datasets: { a: { f: { r: 1, n: 3 } }, b: { g: { q: 4 } } } },
    ],
    [
      'leaves what is no part to the check of the keys',
      'backbone: { a: { x: 1 } }',
      'backbone: { a: {}, b: {} }',
      {
        backbone: { a: {}, b: {} },
      },
    ],
    [
      'takes a key for a name also when JavaScript knows it',
      'detectors: { constructor: msp }',
      'constructor: { a: { b: 1 } }',
      {
        detectors: { constructor: 'msp' },
        constructor: { a: { b: 1 } },
      },
    ],
  ])('%s', (_, base, over, expected) => {
    expect(merged(base, over)).toEqual(expected);
  });

  it('has the keys of its base first, in their order', () => {
    const whole = merged('detectors: { A: msp, B: msp }', 'detectors: { C: msp, B: energy }') as { detectors: object };
    expect(Object.keys(whole.detectors)).toEqual(['A', 'B', 'C']);
  });
});
