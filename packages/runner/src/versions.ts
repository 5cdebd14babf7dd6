import { createRequire } from 'node:module';
import { decoderVersions } from '@oodkit/images';
import { onnxruntimeVersion } from '@oodkit/runtime';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** What made the numbers, for results.json. */
export const versions: Readonly<Record<string, string>> = {
  oodkit: version,
  node: process.versions.node,
  onnxruntime: onnxruntimeVersion,
  ...decoderVersions,
};
