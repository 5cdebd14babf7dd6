export * from './built-ins.ts';
export * from './cli.ts';
