export * from './compare-runs.ts';
export * from './markdown-reporter.ts';
export * from './markdown-table.ts';
export * from './named-run.ts';
export * from './saved-run/read-run.ts';
export * from './terminal-table.ts';
