export { checkExperiment, type CheckSummary } from './check-experiment.ts';
export { editorSchema } from './config/editor-schema.ts';
export { loadExperiment, type ExperimentRequest } from './config/load-experiment.ts';
export type { Detector, Experiment, Part } from './experiment.ts';
export { Interrupted } from './interrupted.ts';
export { runExperiment } from './run-experiment.ts';
export type { FinishedRun, RunOptions } from './run-options.ts';
export { loadCatalogue, type BuiltIn, type CatalogueSources } from './plugins/load-catalogue.ts';
export { openOnnx } from './prepare/open-onnx.ts';
