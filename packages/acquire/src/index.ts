export { parseAddress, type Address } from './address.ts';
export { download, type Downloaded, type DownloadOptions, type Retries } from './download/download.ts';
export type { Environment } from './download/dispatcher.ts';
export { digestsOf, mismatch, type Digests, type FileSource } from './download/source.ts';
export type { Patience } from './download/transfer.ts';
export { unpack, type Unpacked, type UnpackOptions } from './archives/unpack.ts';
export {
  givenBy,
  manifestsFor,
  manifestsAround,
  readManifest,
  sourceSchema,
  type Manifest,
  type ManifestFile,
  type Source,
} from './manifest.ts';
export { planLines, planPull, pull, sizeInWords, type PullOptions, type PullStep } from './pull.ts';
export { manifestsPage } from './page.ts';
