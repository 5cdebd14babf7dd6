import type { Tensor } from '@farout/tensor';
import type { Backbone, Head, Taps } from './backbone.ts';

/** A bare network and its input images, for tracing detectors over images. */
export interface ImageAccess {
  /** Normalised images x, float32 (N, 3, H, W). */
  readonly image: Tensor;
  /** The standard deviation that each channel was divided by, float32 (3, 1, 1). */
  readonly std: Tensor;
  /** Features and taps computed elsewhere, if there are no images; reading an image is then an error. */
  readonly given?: { readonly features: Tensor; readonly taps: Taps } | undefined;
  /** The network as it was trained. */
  readonly backbone: Pick<Backbone, 'features' | 'taps' | 'lastTap' | 'from' | 'convolutions'>;
}

/**
 * A network as a part sees it: after the hooks written before the part. `image`, `std`, `tap`, `convolution` and the results of the
 * functions depend on the image; a part that uses them needs a pass over the images.
 */
export interface NetworkView {
  /** Normalised images x, float32 (N, 3, H, W). */
  readonly image: Tensor;
  /** The standard deviation that each channel was divided by, float32 (3, 1, 1). */
  readonly std: Tensor;
  /**
   * An intermediate map, float32 (N, C, H, W), before all hooks: `tap('layer4')`. Without a name, the map that the global pooling reads.
   *
   * @throws FaroutError OOD_UNKNOWN_TAP with the names that there are.
   */
  readonly tap: (name?: string) => Tensor;
  /**
   * The output of a convolution before its normalisation, float32 (N, C, H, W), by the name of its weights.
   *
   * @throws FaroutError OOD_UNKNOWN_TAP with the names that there are.
   */
  readonly convolution: (name: string) => Tensor;
  /** The names of the taps, in the order in which an image passes them; empty if the backbone offers none, or does not pool a map. */
  readonly taps: readonly string[];
  /** The names of the convolutions, in that order. */
  readonly convolutions: readonly string[];
  /** Penultimate features h, float32 (N, D). */
  readonly features: Tensor;
  /**
   * The input of the last layer, float32 (N, D): the features, divided by their length if the layer normalises them (`head.normalise`). A
   * part that multiplies features with weights of the last layer must read this; with a normalising layer, a part that reads the weights
   * without it fails.
   */
  readonly headInput: Tensor;
  /** Logits f, float32 (N, K), unnormalised. */
  readonly logits: Tensor;
  /** The last layer. */
  readonly head: Head;
  /** Images like `image` → features, (N, D). */
  readonly featuresOf: (image: Tensor) => Tensor;
  /** Images like `image` → logits, (N, K). */
  readonly logitsOf: (image: Tensor) => Tensor;
  /** Images like `image` → the map of a tap, as `tap` gives it. Throws as `tap` does. */
  readonly tapOf: (image: Tensor, name?: string) => Tensor;
  /**
   * A map that replaces a tap's → features, (N, D).
   *
   * @throws FaroutError OOD_UNKNOWN_TAP; OOD_DETECTOR_FAILED after hooks that read maps themselves.
   */
  readonly featuresFrom: (tap: string, map: Tensor) => Tensor;
  /** A map that replaces a tap's → logits, (N, K). Throws as `featuresFrom` does. */
  readonly logitsFrom: (tap: string, map: Tensor) => Tensor;
}

/** Readings by name: float32, images along the first axis. */
export type Readings = Readonly<Record<string, Tensor>>;
