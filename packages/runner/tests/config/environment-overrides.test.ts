import { describe, expect, it } from '@jest/globals';
import { environmentOverrides } from '../../src/config/environment-overrides.ts';
import { correct, experimentFolder, load, mistakesIn } from './fixture.ts';

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
