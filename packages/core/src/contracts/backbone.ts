import type { OnnxModel } from '@farout/onnx';
import type { Tensor } from '@farout/tensor';
import { z, type About, type ParametersSchema } from './part.ts';
import type { StateDict } from './state-dict.ts';

/** The last linear layer: logits = features · weightᵀ + bias; weight (K, D), bias (K). */
export interface Head {
  readonly weight: Tensor;
  readonly bias: Tensor;
  /**
   * Whether it reads features / ‖features‖₂ in their place, as it does behind encoders like CLIP's: hooks act on the features, and what
   * they leave is divided by its length. `headInput` gives what it reads.
   */
  readonly normalise?: boolean;
}

/** Maps of a network by name, float32 (N, C, H, W). */
export type Taps = ReadonlyMap<string, Tensor>;

/** An output of a file as a function of the logits, or of the features. The host runs the file on images and holds the network to it. */
export interface FileOutput {
  /** What the file calls it. */
  readonly name: string;
  /** The logits themselves, their softmax or its logarithm, or where the largest is; the features where the file has no last layer. */
  readonly of: 'logits' | 'softmax' | 'log-softmax' | 'label' | 'features';
  /** The class whose number it is; without it, it is those of all classes in their order. */
  readonly column?: number;
}

/** A network ready to be traced. */
export interface Backbone {
  /** Normalised images, float32 (N, 3, H, W) → penultimate features after global pooling, (N, D). May be applied more than once. */
  readonly features: (image: Tensor) => Tensor;
  /** Its last layer. */
  readonly head: Head;
  /** The maps on the way, float32 (N, C, H, W), by name in the order in which an image passes them; absent where it offers none. */
  readonly taps?: (image: Tensor) => Taps;
  /**
   * The tap that the global pooling reads, so that `from` of it gives the features; the last one when absent. False where no map is
   * pooled to the features, as in vision transformers: taps can be read by name, but a part that wants maps without a name is refused.
   */
  readonly lastTap?: string | false;
  /** Goes on from a map in the place of a tap's → features, (N, D). */
  readonly from?: (tap: string, map: Tensor) => Tensor;
  /** What convolutions give before their normalisation, by the name of their weights, in order. */
  readonly convolutions?: (image: Tensor) => Taps;
  /** What the ONNX file that it was read from gives for an image. */
  readonly output?: FileOutput;
  /** Sentences that `check` and `run` print: what was taken for what. */
  readonly notes?: readonly string[];
}

/** Which weights of a checkpoint that holds several. */
export interface StateChoice {
  /** The key of the weights, such as `state_dict_ema`, or the word that their names begin with; the usual ones when absent. */
  readonly state?: string | undefined;
}

/** What the host offers to a backbone that opens: files are read by the host, safely; a backbone never opens one. */
export interface BackboneFiles {
  /** The named arrays of a PyTorch checkpoint. What the backbone does not take of it is an error, reported by the host. */
  readonly stateDict: (path: string, which?: StateChoice) => Promise<StateDict>;
  /** The network in an ONNX file, with the numbers that it keeps in files beside it. */
  readonly onnx: (path: string) => Promise<OnnxModel>;
}

/** The weights that a backbone takes where an experiment names none. */
export interface PublishedWeights {
  /** The parameter that names the file; it takes the place of what is not written. */
  readonly parameter: string;
  /** The manifest, of those in `models` of the plugin's `manifests`, whose one file they are. */
  readonly manifest: string;
}

/** A classifier without its last layer, and the last layer beside it. */
export interface BackboneDefinition<P extends ParametersSchema = ParametersSchema> {
  /** What experiments call it. */
  readonly name: string;
  /** What lists and editors say of it. */
  readonly about?: About;
  /**
   * That it is a last layer alone: datasets bring the features, and maps where they have them (`Dataset.arrays`). `features` of what it
   * opens is then never called. Absent where it makes features of images.
   */
  readonly over?: 'features';
  /** Must contain `imageParameters`, unless it reads no images. */
  readonly params: P;
  /** Its usual weights: an experiment need not name any. They are verified before they are opened, and never loaded unasked. */
  readonly published?: PublishedWeights;
  /** Builds the network from the files that its parameters name. Called once for a run; throws a FaroutError where they do not fit. */
  readonly open: (params: z.output<P>, files: BackboneFiles) => Promise<Backbone>;
}

/** Types a backbone. See `BackboneDefinition`. */
export const defineBackbone = <P extends z.ZodObject>(
  definition: z.output<P> extends ImageRecipe ? BackboneDefinition<P> : BackboneDefinition<P> & { over: 'features' },
): BackboneDefinition => definition;

/** Three numbers of pixels in 0..1, in which no mean and no deviation is above 1. */
const rgb = (number: () => z.ZodNumber) => z.tuple([number(), number(), number()]);

/**
 * The parameters that every backbone has: how an image becomes its input. Defaults are torchvision's for ImageNet.
 * Spread it into the backbone's own: `z.object({ weights: filePath(), ...imageParameters })`.
 */
export const imageParameters = {
  mean: rgb(() => z.number().min(0).max(1))
    .default([0.485, 0.456, 0.406])
    .describe('mean of each colour channel, of pixels in 0..1; one of pixels in 0..255 is divided by 255'),
  std: rgb(() => z.number().positive().max(1))
    .default([0.229, 0.224, 0.225])
    .describe(
      'standard deviation of each colour channel, of pixels in 0..1; one of pixels in 0..255 is divided by 255',
    ),
  resize: z
    .int()
    .min(1)
    .max(4096)
    .default(256)
    .describe('length of the shorter side after resizing, in pixels; of both sides with `sides: both`'),
  crop: z
    .int()
    .min(1)
    .max(4096)
    .default(224)
    .describe(
      'side of the square cut from the centre, in pixels; with `sides: both` the same as resize, and nothing is cut',
    ),
  interpolation: z
    .enum(['bilinear', 'bicubic'])
    .default('bilinear')
    .describe('how pixels are mixed when resizing, as Pillow does it; CLIP and most vision transformers have bicubic'),
  sides: z
    .enum(['shorter', 'both'])
    .default('shorter')
    .describe(
      'what is resized to `resize`: the shorter side, and the longer in proportion; or both, whatever the proportions',
    ),
};

type ImageParameters = z.output<z.ZodObject<typeof imageParameters>>;

/**
 * How an image becomes the input of a backbone: resized, cropped, (pixel / 255 − mean) / std. A backbone that does not offer the
 * last two has their defaults.
 */
export type ImageRecipe = Pick<ImageParameters, 'mean' | 'std' | 'resize' | 'crop'> &
  Partial<Pick<ImageParameters, 'interpolation' | 'sides'>>;
