export { calibrateDetector, type Calibrated, type CalibrationImage, type CalibrationRequest } from './calibrate.ts';
export { descriptionKey, descriptionSchema, descriptionVersion, type Description } from './description.ts';
export { exportDetector, type Exported, type ExportRequest } from './export.ts';
export { loadDetector, type LoadedDetector, type LoadOptions, type Scorable, type Verdict } from './load-detector.ts';
export type { Standing } from './ranks.ts';
export { readDescription } from './read-description.ts';
export { rejectTogether, type RejectedTogether } from './reject-together.ts';
export { scoreImages, type NamedImage, type Scored } from './score-images.ts';
export { thresholdOf, type Threshold } from './threshold.ts';
