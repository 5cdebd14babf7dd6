/**
 * The manifests of datasets and weights, and their local paths. This entry never uses the network and loads fast.
 *
 * @packageDocumentation
 */

export { cacheFolder, pulledFolder } from './cache.ts';
export { verifyPulled } from './lock.ts';
export { howToPlace, isOffline, notAsked } from './by-hand.ts';
export {
  checksumInWords,
  comesFrom,
  givenBy,
  manifestsAround,
  manifestsFor,
  manifestsOf,
  pathOf,
  readManifest,
  sizeInWords,
  termsOf,
  type Manifest,
  type ManifestPlace,
} from './manifest.ts';
