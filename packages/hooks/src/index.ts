export * from './plugin.ts';
export * from './react.ts';
