/**
 * What is known of datasets and weights, and where they lie: all that asks nothing over the network, and is loaded in a moment.
 *
 * @packageDocumentation
 */

export { cacheFolder, pulledFolder } from './cache.ts';
export { verifyPulled } from './lock.ts';
export {
  givenBy,
  manifestsAround,
  manifestsFor,
  manifestsOf,
  readManifest,
  sizeInWords,
  type Manifest,
  type ManifestPlace,
} from './manifest.ts';
