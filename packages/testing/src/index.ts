/**
 * The conformance kit for the parts of a plugin.
 *
 * @packageDocumentation
 */

export type { CaseFile, CaseFiles } from './backbone-subject.ts';
export type { FailureCase, RefusalCase } from './parameters.ts';
export type { CaseBase, CaseFit, CaseHead, CaseReadings, Matrix, PartOptions } from './test-part.ts';
export { testBackbone, type BackboneCase, type ImagesCase, type OpenedBase, type SizesCase } from './test-backbone.ts';
export { testDataset, type DatasetCase, type ListedCase } from './test-dataset.ts';
export { testHook, type HookCase, type HookedCase } from './test-part.ts';
export { testMetric, type MetricCase } from './test-metric.ts';
export type { TestFunctions } from './test-runner.ts';
export { testScorer, type ScorerCase, type ScorerInput } from './test-part.ts';
