/**
 * The conformance kit for the parts of a plugin.
 *
 * @packageDocumentation
 */

export type { CaseFile, CaseFiles } from './case-files.ts';
export type { CaseBase, CaseFit, CaseHead, Matrix } from './part.ts';
export type { FailureCase } from './failure-case.ts';
export type { RefusalCase } from './refusal-case.ts';
export { testBackbone, type BackboneCase, type ImagesCase, type OpenedBase, type SizesCase } from './test-backbone.ts';
export { testDataset, type DatasetCase, type ListedCase } from './test-dataset.ts';
export type { TestFunctions } from './test-functions.ts';
export { testHook, type HookCase, type HookedCase } from './test-hook.ts';
export { testMetric, type MetricCase } from './test-metric.ts';
export { testScorer, type ScorerCase, type ScorerInput } from './test-scorer.ts';
