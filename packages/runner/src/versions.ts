import { createRequire } from 'node:module';
import { decoderVersions } from '@farout/images';
import { onnxruntimeVersion } from '@farout/runtime';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** What made the numbers, for results.json. */
export const versions: Readonly<Record<string, string>> = {
  farout: version,
  node: process.versions.node,
  onnxruntime: onnxruntimeVersion,
  ...decoderVersions,
};
