export * from './markdown-reporter.ts';
export * from './markdown-table.ts';
export * from './terminal-table.ts';
