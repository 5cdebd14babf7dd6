import { foldBatchNorm, type Tensor } from '@farout/tensor';
import type { Backbone, Taps } from './contracts/backbone.ts';
import type { StateDict } from './contracts/state-dict.ts';

/** A part of a network: a map in, a map out. It reports the output of each of its convolutions to `seen`, if given. */
export type Layer = (x: Tensor, seen?: Seen) => Tensor;

/** Receives the output of a convolution before its normalisation, and the name of its weights. */
export type Seen = (name: string, convolution: Tensor) => void;

/**
 * A network of named stages in sequence, followed by the spatial mean: its features, a tap after each stage, the continuation from each
 * tap, and its convolutions.
 *
 * image, normalised float32 (N, 3, H, W) → taps (N, C, H, W), one per stage → features (N, D), D the channels of the last.
 */
export function stagedNetwork(
  stages: ReadonlyMap<string, Layer>,
): Required<Pick<Backbone, 'features' | 'taps' | 'from' | 'convolutions'>> {
  const layers = [...stages];
  const taps = (image: Tensor, seen?: Seen): Taps => {
    let x = image;
    return new Map(layers.map(([name, layer]) => [name, (x = layer(x, seen))]));
  };
  return {
    features: (image) => layers.reduce((x, [, layer]) => layer(x), image).mean([2, 3]),
    taps: (image) => taps(image),
    from: (tap, map) => {
      const behind = layers.slice(layers.findIndex(([name]) => name === tap) + 1);
      return behind.reduce((x, [, layer]) => layer(x), map).mean([2, 3]);
    },
    convolutions: (image) => {
      const found = new Map<string, Tensor>();
      taps(image, (name, convolution) => found.set(name, convolution));
      return found;
    },
  };
}

/** The convolution's weight, (O, C / groups, kH, kW), and how it moves; PyTorch's defaults where absent. */
export interface ConvNorm {
  readonly shape: readonly [out: number, inner: number, height: number, width: number];
  readonly stride?: number;
  readonly padding?: number;
  readonly groups?: number;
}

/**
 * A convolution without bias and the batch normalisation after it, by their names in a PyTorch state_dict. They are folded into one
 * convolution once, however often the layer is applied; `seen` receives the output of the convolution alone:
 *
 * y = γ · (w ∗ x − μ) / √(σ² + ε) + β,  ε = 1e-5
 *
 * w is the `weight` of `conv`; γ, β, μ, σ² are `weight`, `bias`, `running_mean`, `running_var` of `norm`, (O) each.
 * x, float32 (N, C, H, W) → y, float32 (N, O, H′, W′), H′ = ⌊(H + 2 · padding − kH) / stride⌋ + 1.
 */
export function convNorm(state: StateDict, conv: string, norm: string, { shape, ...window }: ConvNorm): Layer {
  const channels = [shape[0]];
  const kernel = state.take(`${conv}.weight`, shape);
  const { weight, bias } = foldBatchNorm(kernel, {
    scale: state.take(`${norm}.weight`, channels),
    shift: state.take(`${norm}.bias`, channels),
    mean: state.take(`${norm}.running_mean`, channels),
    variance: state.take(`${norm}.running_var`, channels),
  });
  return (x, seen) => {
    seen?.(conv, x.conv(kernel, window));
    return x.conv(weight, { bias, ...window });
  };
}
