export { checkExperiment, type CheckSummary } from './check-experiment.ts';
export { loadDatasetFile, type DatasetFileRequest } from './config/dataset-file.ts';
export { datasetFiles } from './config/datasets.ts';
export { describeSchema, jsonSchemaOf, type JsonSchema } from './config/describe.ts';
export { editorSchema } from './config/editor-schema.ts';
export { catalogueOf, loadExperiment, type ExperimentRequest } from './config/load.ts';
export { experimentsIn } from './config/reader.ts';
export { checkData, checkExperimentData, setsOfExperiment, type DataCheckOptions } from './data-check/check-data.ts';
export {
  findingKinds,
  type CheckedSet,
  type DataVerdict,
  type Expected,
  type Finding,
  type SetRole,
  type SetSummary,
} from './data-check/findings.ts';
export { adviceOnPath } from './path-advice.ts';
export type { Detector, Experiment, Part } from './experiment.ts';
export { Interrupted, type FinishedRun, type RunOptions } from './container.ts';
export {
  idImages,
  openRunDetector,
  traceRunDetector,
  type IdImage,
  type RunDetector,
  type RunDetectorRequest,
} from './run-detector.ts';
export type { Relocation } from './relocate.ts';
export { completeReport, openRun, rewritePages, run, type RunRequest } from './run.ts';
export { runEventVersion, type RunEvent, type RunListener } from './events.ts';
export { json } from './output/manifest.ts';
export { runExperiment } from './run-experiment.ts';
export { partKinds, type Catalogue, type CatalogueEntry, type PartKind } from './plugins/catalogue.ts';
export { loadCatalogue, type BuiltIn, type CatalogueSources } from './plugins/load.ts';
export { codeOfModule } from './plugins/code.ts';
export { experimentMark } from './work/mark.ts';
export { planWork, type DatasetPlan, type PlanRequest, type WorkPlan } from './work/plan.ts';
export { workStatus, type TaskStatus, type WaveStatus } from './work/status.ts';
export type { Task } from './work/sharing.ts';
export type { ShareDone } from './work/share.ts';
export { waves, work, type WaveName, type WorkRequest } from './work/work.ts';
export { storeFolder, timeAt } from './store/store.ts';
export { pruneStore, storeGroups, type Pruned, type PruneRequest, type StoreGroup } from './store/groups.ts';
export { executeTask, type TaskOptions } from './extraction/execute-task.ts';
export { normalised } from './extraction/graphs.ts';
export * from './images.ts';
export { inWords } from './extraction/cost.ts';
export { overlapSentence } from './extraction/overlaps.ts';
export { openOnnx } from './prepare/backbone.ts';
export { openDatasets } from './prepare/datasets.ts';
