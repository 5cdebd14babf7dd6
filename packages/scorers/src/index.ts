export * from './energy.ts';
export * from './max-logit.ts';
export * from './msp.ts';
export * from './odin.ts';
export * from './plugin.ts';
