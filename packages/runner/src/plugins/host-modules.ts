import * as core from '@oodkit/core';
import * as tensor from '@oodkit/tensor';

const { z } = core;

/**
 * What a plugin gets when it imports these: the host's own copies, so that errors, tensors and schemas are the same
 * classes on both sides, and a local file needs nothing installed. zod's exports are the members of `z`.
 */
export const hostModules: Readonly<Record<string, unknown>> = {
  '@oodkit/core': core,
  '@oodkit/tensor': tensor,
  zod: { ...z, z, default: z },
};
