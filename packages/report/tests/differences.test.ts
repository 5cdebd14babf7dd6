import { describe, expect, it } from '@jest/globals';
import { differences } from '../src/differences.ts';
import { finishedRun } from './finished-run.ts';

const run = (experiment: unknown) => ({ name: 'r', results: finishedRun({ experiment }) });

describe('differences', () => {
  it('tells every value in which experiments differ, by its path, and what one of them lacks', () => {
    const first = { seed: 0, detectors: { ReAct: [{ react: { percentile: 90 } }, { energy: { temperature: 1 } }] } };
    const second = { seed: 0, detectors: { ReAct: [{ react: { percentile: 70 } }] } };
    expect(differences([run(first), run(second)])).toEqual([
      'detectors.ReAct.0.react.percentile: 90 | 70',
      'detectors.ReAct.1.energy.temperature: 1 | —',
    ]);
  });

  it('tells parts apart that have no parameters', () => {
    const [first, second] = [{ detectors: { A: [{ msp: {} }] } }, { detectors: { A: [{ 'max-logit': {} }] } }];
    expect(differences([run(first), run(second)])).toEqual([
      'detectors.A.0.msp: {} | —',
      'detectors.A.0.max-logit: — | {}',
    ]);
  });

  it('tells first what differs where the experiments say the same', () => {
    const hashes = (digit: string) => ({ experiment: '', backbone: digit.repeat(64) });
    const weighed = (seed: number, digit: string) => ({
      name: 'r',
      results: finishedRun({ experiment: { seed }, hashes: hashes(digit) }),
    });
    expect(differences([weighed(0, 'a'), weighed(1, 'b')])).toEqual([
      'SHA-256 of the network with its weights: aaaaaaaaaaaa | bbbbbbbbbbbb',
      'seed: 0 | 1',
    ]);
  });

  it('leaves out names and stores, which change no number', () => {
    expect(differences([run({ name: 'a', store: '/a' }), run({ name: 'b' })])).toEqual([]);
  });

  it('counts what is too much to tell', () => {
    const many = (offset: number) => Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`k${i}`, i + offset]));
    const lines = differences([run(many(0)), run(many(1)), run(many(1))]);
    expect(lines).toHaveLength(13);
    expect([lines[0], lines[12]]).toEqual(['k0: 0 | 1 | 1', 'and 8 more']);
  });
});
