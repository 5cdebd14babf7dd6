export * from './built-ins.ts';
export * from './cli.ts';
export * from './run.ts';
