import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { partsOf, type NewKind } from '../../src/new/new-package.ts';
import { trialExperiment } from '../../src/new/trial-experiment.ts';

interface Trial {
  readonly backbone: string;
  readonly plugins: readonly string[];
  readonly detectors: Readonly<Record<string, unknown>>;
  readonly datasets: { readonly objects: unknown };
  readonly metrics: readonly string[];
}

const trial = (kind: NewKind) => {
  const wanted = { kind, name: 'mine', language: 'js' } as const;
  return parse(trialExperiment(wanted, partsOf(wanted))) as Trial;
};
const reference = { Energy: 'energy', ReAct: ['react', 'energy'] };

describe('trialExperiment', () => {
  it('loads the package from its source', () => {
    expect(trial('scorer').plugins).toEqual(['./src/index.js']);
  });

  it('puts a scorer beside energy and ReAct, and behind ReAct', () => {
    expect(trial('scorer').detectors).toEqual({ ...reference, mine: 'mine', 'ReAct + mine': ['react', 'mine'] });
  });

  it('puts a hook before energy, as ReAct is', () => {
    expect(trial('hook').detectors).toEqual({ ...reference, mine: ['mine', 'energy'] });
  });

  it('takes a backbone in the place of the one of the demonstration', () => {
    expect(trial('scorer').backbone).toBe('demo-resnet');
    expect(trial('backbone').backbone).toBe('mine');
  });

  it('tests on the images of a dataset', () => {
    expect(trial('dataset').datasets.objects).toEqual({ mine: { root: 'images' } });
  });

  it('adds a metric to the usual ones', () => {
    expect(trial('metric').metrics).toEqual(['fpr95', 'auroc', 'mine']);
  });

  it('puts the scorer of a plugin behind its hook too', () => {
    expect(trial('plugin').detectors).toMatchObject({ 'mine-hook + mine-scorer': ['mine-hook', 'mine-scorer'] });
  });
});
