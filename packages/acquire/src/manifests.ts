/**
 * What is known of datasets and weights, and where they lie: all that asks nothing over the network, and is loaded in a moment.
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
