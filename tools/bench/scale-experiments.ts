// Experiments on the synthetic features, as a user would write them.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ScaleData } from './scale-data.ts';

const energyBehind = (...hooks: readonly unknown[]) => [...hooks, 'energy'];

/** All detectors on features or logits without a bank, except WeiPer and LINe. */
export const withoutBank: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    [
      ['msp', 'max-logit', 'energy', 'entropy', 'gen', 'kl-matching', 'openmax', 'mcm'],
      ['she', 'nci', 'neco', 'vim', 'residual', 'vra++', 'cop', 'corp', 'fdbd', 'caref', 'cadref', 'gradnorm'],
      ['mahalanobis', 'mahalanobis++', 'rmds', 'rmds++'],
    ]
      .flat()
      .map((name) => [name, name]),
  ),
  // The last layer classifies nearly all rows correctly, so no temperature can be fitted on them.
  'temperature-scaling': { 'temperature-scaling': { temperature: 1.5 } },
  'react+msp': ['react', 'msp'],
  ...Object.fromEntries(
    ['react', 'ash-p', 'ash-b', 'ash-s', 'scale', 'lts', 'dice', 'bats', 'ddcs', 'optfs'].map((hook) => [
      `${hook}+energy`,
      energyBehind(hook),
    ]),
  ),
  'vra-p+energy': energyBehind({ 'vra-p': { percentiles: [10, 90] } }),
};

/** A range of the rows to score. */
export interface Stretch {
  readonly from: number;
  readonly limit: number;
}

/** The path of an experiment, and the store for fitted values. */
export interface Place {
  readonly folder: string;
  readonly data: ScaleData;
}

/** Writes an experiment with some detectors that fit on the labelled rows and score ranges of the others. */
export function writeExperiment(
  { folder, data }: Place,
  name: string,
  detectors: Readonly<Record<string, unknown>>,
  stretches: Readonly<Record<string, Stretch>>,
  fit: Readonly<Record<string, unknown>> = { file: data.fit, labels: data.labels },
): string {
  const [id, ...ood] = Object.keys(stretches);
  const sets = Object.entries(stretches).map(([set, own]) => [set, { features: { file: data.test, ...own } }] as const);
  const file = path.join(folder, `${name}.yaml`);
  const experiment = {
    name,
    device: 'cpu',
    backbone: { features: { weight: data.weight } },
    datasets: { ...Object.fromEntries(sets), fit: { features: fit } },
    ...{ id, ood, fit: 'fit', detectors },
    store: path.join(folder, 'store'),
  };
  // JSON is valid YAML.
  writeFileSync(file, JSON.stringify(experiment));
  return file;
}
