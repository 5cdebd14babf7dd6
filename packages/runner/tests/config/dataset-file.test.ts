import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadCatalogue } from '../../src/plugins/load.ts';
import { loadDatasetFile } from '../../src/config/dataset-file.ts';
import { builtIn, correct, experimentFolder, load } from './fixture.ts';

const catalogue = await loadCatalogue({ builtIns: [{ plugin: builtIn, version: '1.0.0' }], plugins: [] });
const read = (text: string, env = {}) => {
  const cwd = experimentFolder('', { 'datasets/flowers.yaml': text });
  return loadDatasetFile(join(cwd, 'datasets/flowers.yaml'), { catalogue, cwd, env });
};

describe('the file of a dataset', () => {
  it('is read without an experiment, whether or not its images are there', async () => {
    const part = await read('image-folder: { root: absent, limit: 5 }\nsource: { title: Flowers }');
    expect(part).toMatchObject({ params: { limit: 5 }, place: { file: join('datasets', 'flowers.yaml'), line: 1 } });
    expect(part!.params.root).toMatch(/\/datasets\/absent$/);
  });

  it('may say where images come from and not how they are read', async () => {
    expect(await read('source: { title: Flowers }')).toBeUndefined();
  });

  it.each([
    ['', 'OOD_CONFIG_EMPTY'],
    ['image-folder: [', 'OOD_CONFIG_SYNTAX'],
    ['image-fodler: { root: absent }', 'OOD_UNKNOWN_DATASET'],
    ['image-folder: { root: absent, limit: 0 }', 'OOD_BAD_PARAMETER'],
    ['image-folder:\n  root: ${NOWHERE}', 'OOD_UNSET_VARIABLE'],
  ])('is refused where it is wrong: %j', async (text, code) => {
    await expect(read(text)).rejects.toMatchObject({ code });
  });
});

describe('an experiment that is loaded where files need not be there', () => {
  it('lacks none, and has every other mistake', async () => {
    const folder = experimentFolder(correct.replace('images/sun', 'images/gone').replace('model.pth', 'gone.pth'));
    await expect(load(folder)).rejects.toThrow(/gone/);
    const { datasets } = await load(folder, { absentPaths: true });
    expect(datasets.get('sun')!.params.root).toBe(join(folder, 'images/gone'));
    const wrong = experimentFolder(correct.replace('root: images/sun', 'rot: images/sun'));
    await expect(load(wrong, { absentPaths: true })).rejects.toThrow('has no parameter "rot"');
  });
});
