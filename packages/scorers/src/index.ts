export * from './energy.ts';
export * from './max-logit.ts';
export * from './msp.ts';
export * from './plugin.ts';
