import type { Tensor } from '@farout/tensor';
import type { Backbone, Head, Taps } from './backbone.ts';

/** A bare network and the images that go into it, for whoever traces detectors over images. */
export interface ImageAccess {
  /** Normalised images x, float32 (N, 3, H, W). */
  readonly image: Tensor;
  /** The standard deviation by which each channel was divided, float32 (3, 1, 1). */
  readonly std: Tensor;
  /** What was made of the images elsewhere, where nothing but that is there: to ask for an image is then an error. */
  readonly given?: { readonly features: Tensor; readonly taps: Taps } | undefined;
  /** The network as it was trained. */
  readonly backbone: Pick<Backbone, 'features' | 'taps' | 'lastTap' | 'from' | 'convolutions'>;
}

/**
 * A network as a part sees it: behind the hooks that are written before the part. What depends on the image alone is `image`,
 * `std`, `tap`, `convolution` and what the functions make of them; whoever touches these needs a pass over the images.
 */
export interface NetworkView {
  /** Normalised images x, float32 (N, 3, H, W). */
  readonly image: Tensor;
  /** The standard deviation by which each channel was divided, float32 (3, 1, 1). */
  readonly std: Tensor;
  /**
   * A map on the way from the image to the features, float32 (N, C, H, W), before all hooks: `tap('layer4')`. Without a name, the
   * map that the global pooling reads.
   *
   * @throws FaroutError OOD_UNKNOWN_TAP with the names that there are.
   */
  readonly tap: (name?: string) => Tensor;
  /**
   * What a convolution gives before its normalisation, float32 (N, C, H, W), by the name of its weights.
   *
   * @throws FaroutError OOD_UNKNOWN_TAP with the names that there are.
   */
  readonly convolution: (name: string) => Tensor;
  /** The names of the taps, in the order in which an image passes them; none where the backbone offers none, or pools none. */
  readonly taps: readonly string[];
  /** The names of the convolutions, in that order. */
  readonly convolutions: readonly string[];
  /** Penultimate features h, float32 (N, D). */
  readonly features: Tensor;
  /**
   * What the last layer reads, float32 (N, D): the features, divided by their length where it normalises them (`head.normalise`). A part
   * that multiplies features with weights of the last layer reads this; one that reads those without this is refused there.
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
   * A map in the place of a tap's → features, (N, D).
   *
   * @throws FaroutError OOD_UNKNOWN_TAP; OOD_DETECTOR_FAILED behind hooks that look at maps themselves.
   */
  readonly featuresFrom: (tap: string, map: Tensor) => Tensor;
  /** A map in the place of a tap's → logits, (N, K). Throws as `featuresFrom` does. */
  readonly logitsFrom: (tap: string, map: Tensor) => Tensor;
}

/** Readings by their names: float32, the images along the first axis. */
export type Readings = Readonly<Record<string, Tensor>>;
