import { describe, expect, it } from '@jest/globals';
import { definePlugin, defineScorer, z } from '@farout/core';
import { editorSchema } from '../../src/config/editor-schema.ts';
import { loadCatalogue } from '../../src/plugins/load.ts';
import { builtIn, correct, experimentFolder, load, mistakesIn } from './fixture.ts';

const withReact = (react: string) => experimentFolder(correct.replace('react: { percentile: 90 }', react));

/** The parameters of the first part of each detector. */
const partsOf = async (folder: string) =>
  (await load(folder)).detectors.map(({ name, hooks, scorer }) => [name, (hooks[0] ?? scorer).params]);

describe('a preset', () => {
  it('stands for the values that the part publishes by this name, several of which are a sweep', async () => {
    expect(await partsOf(withReact('react: { preset: theirs }'))).toEqual([
      ['Energy', { temperature: 1 }],
      ['ReAct (percentile 85)', { percentile: 85 }],
      ['ReAct (percentile 95)', { percentile: 95 }],
    ]);
    expect((await partsOf(withReact('react: { preset: sharp }')))[1]).toEqual(['ReAct', { c: 1 }]);
  });

  it('gives way to what is written beside it', async () => {
    expect((await partsOf(withReact('react: { preset: theirs, percentile: 70 }')))[1]).toEqual([
      'ReAct',
      { percentile: 70 },
    ]);
  });

  it('is written out in the resolved experiment', async () => {
    const { resolved } = await load(withReact('react: { preset: sharp }'));
    expect(resolved).toMatchObject({ detectors: { ReAct: [{ react: { c: 1 } }, { energy: {} }] } });
  });

  it('is refused under another name, with those that there are', async () => {
    expect(await mistakesIn(withReact('react: { preset: thiers }'))).toMatchObject([
      {
        code: 'OOD_BAD_PARAMETER',
        message: 'react has no preset "thiers"',
        fix: 'Did you mean "theirs"?',
        choices: { names: ['theirs', 'sharp'] },
      },
    ]);
  });

  it('is no parameter of a part that has none', async () => {
    const folder = experimentFolder(correct.replace('Energy: energy', 'Energy: { energy: { preset: theirs } }'));
    expect((await mistakesIn(folder)).map(({ message }) => message)).toEqual(['energy has no parameter "preset"']);
  });

  it('leaves a parameter alone that a part calls so itself', async () => {
    const own = defineScorer({
      name: 'own',
      params: z.object({ preset: z.enum(['loud', 'soft']) }),
      presets: { loud: { preset: 'soft' } },
      score: ({ logits }) => logits.max(),
    });
    const plugin = definePlugin({ ...builtIn, scorers: [...builtIn.scorers!, own] });
    const folder = experimentFolder(correct.replace('Energy: energy', 'Energy: { own: { preset: loud } }'));
    const { detectors } = await load(folder, { builtIns: [{ plugin, version: '1.2.3' }] });
    expect(detectors[0]!.scorer.params).toEqual({ preset: 'loud' });
  });

  it('is completed by editors', async () => {
    const catalogue = await loadCatalogue({ builtIns: [{ plugin: builtIn, version: '1.2.3' }], plugins: [] });
    const text = JSON.stringify((editorSchema(catalogue).$defs as Record<string, unknown>).hook);
    expect(text).toMatch(/"preset":\{[^{}]*"enum":\["theirs","sharp"\]/);
  });
});
