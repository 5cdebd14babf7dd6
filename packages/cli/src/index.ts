export * from './built-ins.ts';
export { cli } from './command-line.ts';
export * from './run.ts';
