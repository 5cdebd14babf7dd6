export { compareRuns, type NamedRun } from './compare-runs.ts';
export * from './csv-reporter.ts';
export * from './html-reporter.ts';
export * from './latex-reporter.ts';
export * from './markdown-reporter.ts';
export * from './reporters.ts';
export { readReportData, readResults } from './saved-run.ts';
export { readScores, type SavedScores } from './saved-scores.ts';
export { listed, terminalTable, type Terminal } from './terminal.ts';
