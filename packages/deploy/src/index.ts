export { calibrateDetector, type Calibrated, type CalibrationImage, type CalibrationRequest } from './calibrate.ts';
export { exportDetector, type Exported, type ExportRequest } from './export.ts';
export { huggingFaceFiles, type FolderFile } from './hugging-face/files.ts';
export { loadDetector, type LoadedDetector, type LoadOptions, type Scorable } from './load-detector.ts';
export { readDescription } from './read-description.ts';
export { rejectTogether, type RejectedTogether } from './reject-together.ts';
export { readScoreLog, type LoggedImage, type LogRequest } from './score-log.ts';
export { scoreImages, type NamedImage, type Scored } from './score-images.ts';
export { toldApart, type ImageFile, type ToldApart, type UnreadImage } from './told-apart.ts';
export { thresholdOf, type Threshold } from './threshold.ts';
export { lookAt, watchedGroups, watchOf } from './watch.ts';
export type { Judged, Look, Refusals, Watch, WatchedGroup } from './watch.ts';
export {
  descriptionKey,
  descriptionSchema,
  descriptionVersion,
  type Description,
  type Standing,
  type Verdict,
} from '@farout/verdict';
