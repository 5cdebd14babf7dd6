import { describe, expect, it } from '@jest/globals';
import { definePlugin } from '@farout/core';
import { builtIn, correct, experimentFolder, load, mistakesIn } from './fixture.ts';

const images = { 'images/validation/a.jpg': '', 'images/scenes/a.jpg': '' };
const swept = correct
  .replace('percentile: 90', 'percentile: { sweep: [80, 90] }')
  .replace('id: photographs', '  validation: { image-folder: { root: images/validation } }\nid: photographs')
  .replace('id: photographs', '  scenes: { image-folder: { root: images/scenes } }\nid: photographs');

const loadWith = (select: string, yaml = swept) => load(experimentFolder(`${yaml}select: ${select}\n`, images));
const mistakesWith = async (select: string, yaml = swept) =>
  (await mistakesIn(experimentFolder(`${yaml}select: ${select}\n`, images))).map(
    ({ code, message }) => `${code} ${message}`,
  );

describe('select', () => {
  it('takes the first metric, makes its OOD sets, and shows the chosen point alone, where it does not say', async () => {
    const { select, datasets } = await loadWith('{ id: validation }');
    expect(select).toMatchObject({
      by: { name: 'fpr95' },
      id: ['validation'],
      ood: ['gaussian noise', 'uniform noise', 'shuffled patches'],
      show: 'chosen',
      allowTestSets: false,
    });
    expect([...datasets.keys()]).toContain('validation');
  });

  it('names sets of its own, among which those that are made', async () => {
    const written = '{ by: auroc, id: [validation], ood: [scenes, uniform noise], show: all }';
    const { select, datasets } = await loadWith(written);
    expect(select).toMatchObject({ by: { name: 'auroc' }, ood: ['scenes', 'uniform noise'], show: 'all' });
    expect([...datasets.keys()]).not.toContain('uniform noise');
  });

  it('shows all points of single detectors', async () => {
    const { select, resolved } = await loadWith('{ id: validation, show: { ReAct: all } }');
    expect(select).toMatchObject({ show: { ReAct: 'all' } });
    expect(resolved).toMatchObject({ select: { show: { ReAct: 'all' } } });
  });

  it('is in the resolved experiment, where sweeps stay sweeps', async () => {
    const { resolved } = await loadWith('{ by: auroc, id: validation, ood: scenes }');
    expect(resolved).toMatchObject({
      detectors: { ReAct: [{ react: { percentile: { sweep: [80, 90] } } }, { energy: { temperature: 1 } }] },
      select: { by: 'auroc', id: 'validation', ood: ['scenes'], show: 'chosen' },
    });
    const again = await load(experimentFolder(JSON.stringify(resolved)));
    expect(again.resolved).toEqual(resolved);
  });

  it.each([
    [
      '{ id: photographs }',
      'OOD_SELECTION_LEAK "photographs" would be used to choose parameters, but detectors are tested on it: it is in "id"',
    ],
    [
      '{ id: validation, ood: [scenes, sun] }',
      'OOD_SELECTION_LEAK "sun" would be used to choose parameters, but detectors are tested on it: it is in "ood"',
    ],
    [
      '{ id: validation, ood: validation }',
      'OOD_DUPLICATE_NAME "validation" is out of distribution here, but is also in "id" of "select"',
    ],
    ['{ id: nowhere }', 'OOD_UNKNOWN_DATASET unknown dataset "nowhere"'],
    ['{ id: validation, by: auroq }', 'OOD_UNKNOWN_METRIC unknown metric "auroq"'],
    ['{ ood: scenes }', 'OOD_CONFIG_TYPE "select" has no "id"'],
    [
      '{ id: validation, show: best }',
      'OOD_CONFIG_TYPE "select.show" must be chosen or all, or one of these for each detector: { ReAct: all }, but is "best"',
    ],
    [
      '{ id: validation, show: { ReAct: some } }',
      'OOD_CONFIG_TYPE "select.show.ReAct" must be one of chosen, all, but is "some"',
    ],
    [
      '{ id: validation, show: { ReAct: all, Energy: chosen, React: all } }',
      'OOD_CONFIG_TYPE "show" names "Energy", which is not a detector with a sweep',
      'OOD_CONFIG_TYPE "show" names "React", which is not a detector with a sweep',
    ],
  ])('is refused: %s', async (select, ...mistakes) => {
    expect(await mistakesWith(select)).toEqual(mistakes);
  });

  it.each([
    ['{ id: validation, ood: [scenes, uniform noise] }'],
    // The three that are made where none is named.
    ['{ id: validation }'],
  ])('is refused where detectors are tested on a set that is made: %s', async (select) => {
    const tested = swept.replace('[textures, sun]', '[textures, uniform noise]');
    expect(await mistakesWith(select, tested)).toEqual([
      'OOD_SELECTION_LEAK "uniform noise" would be used to choose parameters, but detectors are tested on it: it is in "ood"',
    ]);
    const other = '{ id: validation, ood: [scenes, gaussian noise] }';
    expect(await mistakesWith(other, tested)).toEqual([]);
  });

  it('takes sets that are tested on where the experiment insists', async () => {
    const { select } = await loadWith('{ id: validation, ood: sun, allowTestSets: true }');
    expect(select).toMatchObject({ ood: ['sun'], allowTestSets: true });
  });

  it('is refused where no detector has a sweep', async () => {
    const mistakes = await mistakesWith('{ id: validation }', swept.replace('{ sweep: [80, 90] }', '90'));
    expect(mistakes).toEqual(['OOD_CONFIG_TYPE "select" has nothing to choose: no detector has a sweep']);
  });

  it('makes no images for a network of which only the last layer is there', async () => {
    const backbones = builtIn.backbones!.map((backbone) => ({ ...backbone, over: 'features' as const }));
    const plugin = definePlugin({ ...builtIn, backbones });
    const request = { builtIns: [{ plugin, version: '1.2.3' }] };
    const mistakes = async (select: string) =>
      (await mistakesIn(experimentFolder(`${swept}select: ${select}\n`, images), request)).map(
        ({ message }) => message,
      );
    expect(await mistakes('{ id: validation, ood: [scenes, uniform noise] }')).toEqual([
      '"select" would generate images (uniform noise), but the backbone "tiny" has only a last layer',
    ]);
    expect(await mistakes('{ id: validation, ood: scenes }')).toEqual([]);
  });
});
