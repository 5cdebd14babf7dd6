import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { environmentOverrides } from '../../src/config/override.ts';
import { correct, experimentFolder, folderOf, load, mistakesIn } from './fixture.ts';

/** The first part of each detector with its parameters, after overrides. */
async function firstParts(...set: string[]): Promise<Record<string, unknown>> {
  const yaml = correct.replace('  Energy: energy', '  Energy: energy\n  ReAct c=1.3: [react: { c: 1.3 }, energy]');
  const { detectors } = await load(experimentFolder(yaml), { set });
  return Object.fromEntries(detectors.map(({ name, hooks, scorer }) => [name, (hooks[0] ?? scorer).params]));
}

describe('--set', () => {
  it('replaces a value whole, by keys and by the indexes of lists', async () => {
    expect(await firstParts('detectors.ReAct.0.react={c: 1e6}')).toMatchObject({ ReAct: { c: 1e6 } });
  });

  it('sets one parameter beside those that are there', async () => {
    expect(await firstParts('detectors.ReAct.0.react.percentile=80')).toMatchObject({ ReAct: { percentile: 80 } });
  });

  it('takes a key with dots in quotes, and one with blanks as it is', async () => {
    for (const key of ['"ReAct c=1.3"', "'ReAct c=1.3'"]) {
      expect(await firstParts(`detectors.${key}.0.react.c=2`)).toMatchObject({ 'ReAct c=1.3': { c: 2 } });
    }
    expect(await firstParts('detectors.Two words={ energy: { temperature: 2 } }')).toMatchObject({
      'Two words': { temperature: 2 },
    });
  });

  it('takes a quotation mark within quotes behind a backslash', async () => {
    expect(await firstParts('detectors."say \\"hi\\"."=msp')).toHaveProperty(['say "hi".']);
  });

  it('adds a key that is not there, and values that hold equals signs', async () => {
    const { seed, detectors } = await load(experimentFolder(correct), { set: ['seed=3', 'detectors.a=energy # a=b'] });
    expect([seed, detectors.length]).toEqual([3, 3]);
  });

  it('goes into a key with nothing after it as into an empty map', async () => {
    const yaml = correct.replace('{ weights: model.pth }', '');
    const { backbone } = await load(experimentFolder(yaml), { set: ['backbone.tiny.weights=model.pth'] });
    expect(backbone.params.resize).toBe(256);
  });

  it('applies one after the other', async () => {
    expect(await firstParts('detectors={ A: [react, msp] }', 'detectors.A.0={ react: { c: 2 } }')).toEqual({
      A: { c: 2 },
    });
  });

  it('takes relative paths from the folder of the user, variables from the environment', async () => {
    const cwd = folderOf({ 'other/a.jpg': '' });
    const file = join(experimentFolder(correct), 'experiment.yaml');
    const set = ['datasets.sun={ image-folder: { root: "./${FOLDER}" } }'];
    const { datasets } = await load(cwd, { file, set, env: { FOLDER: 'other' } });
    expect(datasets.get('sun')!.params.root).toBe(join(cwd, 'other'));
  });

  it.each([
    ['no equals sign', 'seed', 'OOD_BAD_OVERRIDE', 1, '--set'],
    ['no path', '=1', 'OOD_BAD_OVERRIDE', 1, '--set'],
    ['an empty key', 'detectors..x=1', 'OOD_BAD_OVERRIDE', 1, '--set'],
    ['a quote that does not end', 'detectors."x=1', 'OOD_BAD_OVERRIDE', 1, '--set'],
    ['a key to go into that is not there', 'detectors.ReAkt.0=msp', 'OOD_BAD_OVERRIDE', 11, 'Did you mean "ReAct"?'],
    ['an index beyond the list', 'ood.2=x', 'OOD_BAD_OVERRIDE', 5, 'from 0 to 1'],
    ['a key in a list', 'ood.first=x', 'OOD_BAD_OVERRIDE', 5, 'from 0 to 1'],
    ['a path that goes below a text', 'name.first=x', 'OOD_BAD_OVERRIDE', 6, 'one key earlier'],
    ['YAML that ends in the middle', 'ood=[textures', 'OOD_CONFIG_SYNTAX', 14, 'brackets'],
    ['an unset variable', 'name="a ${NO}"', 'OOD_UNSET_VARIABLE', 9, 'export NO='],
    ['an unknown key', 'sead=1', 'OOD_UNKNOWN_KEY', 1, 'Did you mean "seed"?'],
    ['a key that is refused', 'detectors.__proto__=msp', 'OOD_UNKNOWN_KEY', 11, 'another name'],
    ['no value where one is needed', 'id=', 'OOD_CONFIG_TYPE', 4, 'id: imagenet-val'],
    ['an unknown scorer', 'detectors.New=enrgy', 'OOD_UNKNOWN_SCORER', 15, 'Did you mean "energy"?'],
    ['a parameter out of range', 'detectors.ReAct.0.react={percentile: 101}', 'OOD_BAD_PARAMETER', 38, 'from 0 to 100'],
    ['a missing file', 'backbone.tiny.weights=absent.pth', 'OOD_MISSING_WEIGHTS', 23, 'Correct "weights"'],
  ])('is reported at its place in the override: %s', async (_title, text, code, column, fix) => {
    const errors = await mistakesIn(experimentFolder(correct), { set: [text] });
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatchObject({
      code,
      place: { file: '--set', line: 1, column, text },
      fix: expect.stringContaining(fix) as unknown,
    });
  });

  it('is reported with its fellows and after the file, in the order given', async () => {
    const errors = await mistakesIn(experimentFolder(correct.replace('[fpr95]', '[fpr96]')), {
      set: ['detectors.New=enrgy', 'x', 'ood.7=y'],
    });
    expect(errors.map(({ code, place }) => [code, place!.text === undefined ? '' : place!.file])).toEqual([
      ['OOD_UNKNOWN_METRIC', 'experiment.yaml'],
      ['OOD_UNKNOWN_SCORER', '--set'],
      ['OOD_BAD_OVERRIDE', '--set'],
      ['OOD_BAD_OVERRIDE', '--set'],
    ]);
    expect(errors.slice(2).map(({ place }) => place!.text)).toEqual(['x', 'ood.7=y']);
  });
});

describe('FAROUT_SET', () => {
  it('holds an override in every line that is not blank', () => {
    const source = 'environment FAROUT_SET';
    expect(environmentOverrides({ FAROUT_SET: 'seed=1\r\n\n  \nname=a b' })).toEqual([
      { source, text: 'seed=1' },
      { source, text: 'name=a b' },
    ]);
    expect(environmentOverrides({})).toEqual([]);
  });

  it('changes an experiment as --set does, which comes after it', async () => {
    const env = { FAROUT_SET: 'seed=1\nname=from-environment' };
    const { name, seed } = await load(experimentFolder(correct), { env, set: ['seed=2'] });
    expect([name, seed]).toEqual(['from-environment', 2]);
  });

  it('has its mistakes reported under its name, beside those of --set', async () => {
    const env = { FAROUT_SET: 'seed=ten\ndetectors.ReAkt.0=msp' };
    const errors = await mistakesIn(experimentFolder(correct), { env, set: ['id=nobody'] });
    expect(errors.map(({ code, place }) => [code, place?.file, place?.text])).toEqual([
      ['OOD_CONFIG_TYPE', 'environment FAROUT_SET', 'seed=ten'],
      ['OOD_BAD_OVERRIDE', 'environment FAROUT_SET', 'detectors.ReAkt.0=msp'],
      ['OOD_UNKNOWN_DATASET', '--set', 'id=nobody'],
    ]);
  });
});
