import { describe, expect, it } from '@jest/globals';
import { definePlugin } from '@farout/core';
import { builtIn, correct, experimentFolder, load, mistakesIn } from './fixture.ts';

const tested = correct.replace('[textures, sun]', '[textures, uniform noise, shuffled patches]');

describe('sets that are made', () => {
  it('are tested on without a definition', async () => {
    const { ood, datasets, resolved } = await load(experimentFolder(tested));
    expect(ood).toEqual(['textures', 'uniform noise', 'shuffled patches']);
    expect([...datasets.keys()]).toEqual(['photographs', 'textures']);
    const again = await load(experimentFolder(JSON.stringify(resolved)));
    expect(again.resolved).toEqual(resolved);
  });

  it('give way to a dataset of their name', async () => {
    const defined = tested.replace('  sun:', '  uniform noise:');
    const { datasets } = await load(experimentFolder(defined));
    expect([...datasets.keys()]).toEqual(['photographs', 'textures', 'uniform noise']);
  });

  it('are in groups, and published numbers are of them', async () => {
    const more = 'groups: { far: [uniform noise] }\npublished: { Energy: { uniform noise: { fpr95: 0.5 } } }\n';
    expect((await load(experimentFolder(tested + more))).groups).toEqual({ far: ['uniform noise'] });
  });

  it.each(['id', 'fit'])('are nothing that "%s" could name', async (key) => {
    const wrong = tested.replace(`${key}: photographs`, `${key}: gaussian noise`);
    const mistakes = await mistakesIn(experimentFolder(wrong));
    expect(mistakes.map(({ message }) => message)).toEqual(['unknown dataset "gaussian noise"']);
  });

  it('are not made for a network of which only the last layer is there', async () => {
    const backbones = builtIn.backbones!.map((backbone) => ({ ...backbone, over: 'features' as const }));
    const request = { builtIns: [{ plugin: definePlugin({ ...builtIn, backbones }), version: '1.2.3' }] };
    const mistakes = await mistakesIn(experimentFolder(tested), request);
    expect(mistakes.map(({ message, place }) => [message, place?.line])).toEqual([
      [
        '"ood" would generate images (uniform noise, shuffled patches), but the backbone "tiny" has only a last layer',
        13,
      ],
    ]);
  });
});
