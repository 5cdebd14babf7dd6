import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { correct, experimentFolder, load, mistakesIn, summary } from './fixture.ts';

const withFlowers = correct.replace('[textures, sun]', '[textures, flowers]');

describe('a dataset that the experiment does not define', () => {
  it('is read from datasets beside the experiment, its paths relative to that file', async () => {
    const folder = experimentFolder(withFlowers, {
      'datasets/flowers.yaml': 'image-folder: { root: ./pictures, limit: "${LIMIT}" }'
        .replace('"${LIMIT}"', '${LIMIT:-5}')
        .replace('{ root: ./pictures, limit: ${LIMIT:-5} }', '\n  root: ./pictures\n  limit: ${LIMIT:-5}\n'),
      'datasets/pictures/a.jpg': '',
    });
    const flowers = (await load(folder)).datasets.get('flowers')!;
    expect(flowers.params).toMatchObject({ root: join(folder, 'datasets/pictures'), limit: 5 });
    expect(flowers.place).toMatchObject({ file: join('datasets', 'flowers.yaml'), line: 1, column: 1 });
  });

  it('may say beside what defines it where it comes from', async () => {
    const folder = experimentFolder(withFlowers, {
      'datasets/flowers.yaml': 'image-folder: { root: pictures }\nsource: { title: Flowers }',
      'datasets/pictures/a.jpg': '',
    });
    expect((await load(folder)).datasets.get('flowers')!.params.root).toBe(join(folder, 'datasets/pictures'));
  });

  it('is read from the nearest folder above that has it', async () => {
    const folder = experimentFolder('', {
      'a/b/experiment.yaml': withFlowers.replaceAll('images/', '../../images/').replace('model', '../../model'),
      'a/datasets/flowers.yaml': 'image-folder: { root: near }',
      'datasets/flowers.yaml': 'image-folder: { root: far }',
      'a/datasets/near/a.jpg': '',
    });
    const { datasets } = await load(folder, { file: 'a/b/experiment.yaml' });
    expect(datasets.get('flowers')!.params.root).toBe(join(folder, 'a/datasets/near'));
  });

  it('is not read when the experiment defines it', async () => {
    const folder = experimentFolder(correct, { 'datasets/sun.yaml': 'image-folder: { root: absent }' });
    expect((await load(folder)).datasets.get('sun')!.params.root).toBe(join(folder, 'images/sun'));
  });

  it('is suggested by the names of both', async () => {
    const folder = experimentFolder(correct.replace('[textures, sun]', '[flower, ../sun]'), {
      'datasets/flowers.yaml': '',
    });
    const errors = await mistakesIn(folder);
    expect(summary(errors)).toEqual([
      'experiment.yaml:13:7 OOD_UNKNOWN_DATASET',
      'experiment.yaml:13:15 OOD_UNKNOWN_DATASET',
    ]);
    expect(errors[0]).toMatchObject({
      fix: 'Did you mean "flowers"?',
      choices: { title: 'Available datasets', names: ['photographs', 'textures', 'sun', 'flowers'] },
    });
  });

  it.each([
    ['an empty file', '', 'OOD_CONFIG_EMPTY', 1, 1],
    ['a list', '- image-folder', 'OOD_CONFIG_TYPE', 1, 1],
    ['more than one part', 'image-folder: { root: . }\nlimit: 5', 'OOD_CONFIG_TYPE', 1, 1],
    ['what says only where it comes from', 'source: { title: Flowers }', 'OOD_CONFIG_TYPE', 1, 1],
    ['YAML that ends in the middle', 'image-folder: {', 'OOD_CONFIG_SYNTAX', 1, 16],
    ['an unknown kind', 'image-foldr: { root: . }', 'OOD_UNKNOWN_DATASET', 1, 1],
    ['a folder that is missing', 'image-folder:\n  root: absent', 'OOD_MISSING_FILE', 2, 9],
    ['an unset variable', 'image-folder:\n  root: ${NO}', 'OOD_UNSET_VARIABLE', 2, 9],
  ])('is reported in its own file: %s', async (_title, yaml, code, line, column) => {
    const errors = await mistakesIn(experimentFolder(withFlowers, { 'datasets/flowers.yaml': yaml }));
    expect(summary(errors)).toEqual([`${join('datasets', 'flowers.yaml')}:${line}:${column} ${code}`]);
  });
});

describe('an OOD set', () => {
  it('cannot have the name of the mean over all of them', async () => {
    const errors = await mistakesIn(
      experimentFolder(correct.replace('  sun:', '  average:').replace('[textures, sun]', '[textures, average]')),
    );
    expect(summary(errors)).toEqual(['experiment.yaml:13:17 OOD_DUPLICATE_NAME']);
    expect(errors.find(({ code }) => code === 'OOD_DUPLICATE_NAME')!.message).toBe(
      '"average" is the name that results use for the mean over all OOD sets',
    );
  });
});
