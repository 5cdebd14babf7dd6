export { s3, storages } from './storage.ts';
