export * from './plugin.ts';
export * from './pooled-percentile.ts';
export * from './react.ts';
