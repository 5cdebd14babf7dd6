import type {
  BackboneDefinition,
  DatasetDefinition,
  HookDefinition,
  MetricDefinition,
  ScorerDefinition,
} from '@farout/core';
import type { BackboneSubject, CaseFiles } from '../../src/backbone-subject.ts';
import { backboneChecks } from '../../src/checks/backbone.ts';
import { datasetChecks } from '../../src/checks/dataset.ts';
import { hookChecks, hookSubject } from '../../src/checks/hook.ts';
import { metricChecks } from '../../src/checks/metric.ts';
import { scorerChecks, scorerSubject } from '../../src/checks/scorer.ts';
import type { Parameters } from '../../src/parameters.ts';
import type { Check } from '../../src/test-runner.ts';

/** The titles of the checks that find fault with a scorer; a new one for each, so that what one leaves does not reach the next. */
export const failingScorerChecks = (scorer: () => ScorerDefinition, params: Parameters = {}): Promise<string[]> =>
  failing(scorerChecks, () => scorerSubject(scorer(), params));

/** The titles of the checks that find fault with a hook. */
export const failingHookChecks = (
  hook: () => HookDefinition,
  params: Parameters = {},
  options: Parameters = {},
): Promise<string[]> => failing(hookChecks, () => hookSubject(hook(), params, options));

/** The titles of the checks that find fault with a metric. */
export const failingMetricChecks = (metric: () => MetricDefinition): Promise<string[]> => failing(metricChecks, metric);

/** The titles of the checks that find fault with a dataset. */
export const failingDatasetChecks = (dataset: () => DatasetDefinition, params: Parameters = {}): Promise<string[]> =>
  failing(datasetChecks, () => ({ definition: dataset(), params }));

/** What a backbone offers besides features. */
type Offered = Partial<Pick<BackboneSubject, 'taps' | 'convolutions'>>;

/** The titles of the checks that find fault with a backbone; images have four pixels a side. */
export const failingBackboneChecks = (
  backbone: () => BackboneDefinition,
  files?: CaseFiles,
  { taps = [], convolutions = 0 }: Offered = {},
): Promise<string[]> =>
  failing(backboneChecks, () => {
    const definition = backbone();
    return {
      definition,
      params: definition.params.parse({ weights: 'w', crop: 4 }) as BackboneSubject['params'],
      files,
      taps,
      convolutions,
    };
  });

async function failing<S>(checks: readonly Check<S>[], subject: () => S): Promise<string[]> {
  const titles: string[] = [];
  for (const check of checks) {
    if ((check.applies?.(subject()) ?? true) !== true) continue;
    try {
      await check.run(subject());
    } catch {
      titles.push(check.title);
    }
  }
  return titles;
}
