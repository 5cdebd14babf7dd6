export * from './plugin.ts';
export { s3 } from './storage.ts';
