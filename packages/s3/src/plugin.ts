import { definePlugin } from '@farout/core';
import { s3 } from './storage.ts';

/** The store and images on S3-compatible storage. */
export const storages = definePlugin({ name: '@farout/s3', storages: [s3] });
