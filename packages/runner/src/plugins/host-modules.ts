import { createRequire } from 'node:module';
import * as core from '@farout/core';
import * as tensor from '@farout/tensor';

const { z } = core;

const manifest = createRequire(import.meta.url)('../../package.json') as { dependencies: Record<string, string> };

/** The version of the host's core: the packages of farout are pinned to one each. */
export const coreVersion = manifest.dependencies['@farout/core']!;

/**
 * What a plugin gets when it imports these: the host's own copies, so that errors, tensors and schemas are the same
 * classes on both sides, and a local file needs nothing installed. zod's exports are the members of `z`.
 */
export const hostModules: Readonly<Record<string, unknown>> = {
  '@farout/core': core,
  '@farout/tensor': tensor,
  zod: { ...z, z, default: z },
};
