import type { OnnxModel } from '@farout/onnx';
import type { Tensor } from '@farout/tensor';
import { z, type About, type ParametersSchema } from './part.ts';
import type { StateDict } from './state-dict.ts';

/** The last linear layer: logits = features · weightᵀ + bias; weight (K, D), bias (K). */
export interface Head {
  readonly weight: Tensor;
  readonly bias: Tensor;
  /**
   * Whether it reads features / ‖features‖₂ instead of the features, as after encoders like CLIP's. Hooks act on the features, and their
   * result is divided by its length. `headInput` returns what the layer reads.
   */
  readonly normalise?: boolean;
}

/** Maps of a network by name, float32 (N, C, H, W). */
export type Taps = ReadonlyMap<string, Tensor>;

/** An output of a file as a function of the logits or the features. The host runs the file on images and checks the network against it. */
export interface FileOutput {
  /** Its name in the file. */
  readonly name: string;
  /** The logits, their softmax or its logarithm, or the index of the largest; the features if the file has no last layer. */
  readonly of: 'logits' | 'softmax' | 'log-softmax' | 'label' | 'features';
  /** The class whose value it is; absent if it contains all classes in order. */
  readonly column?: number;
}

/** A network ready to be traced. */
export interface Backbone {
  /** Normalised images, float32 (N, 3, H, W) → penultimate features after global pooling, (N, D). May be applied more than once. */
  readonly features: (image: Tensor) => Tensor;
  /** The last layer. */
  readonly head: Head;
  /** Intermediate maps, float32 (N, C, H, W), by name, in the order in which an image passes them; absent if it offers none. */
  readonly taps?: (image: Tensor) => Taps;
  /**
   * The tap that the global pooling reads, so that `from` applied to it gives the features; by default the last one. False if the features
   * are not pooled from a map, as in vision transformers: taps can be read by name, but a part that needs the pooled map fails.
   */
  readonly lastTap?: string | false;
  /** Continues from a map that replaces a tap's → features, (N, D). */
  readonly from?: (tap: string, map: Tensor) => Tensor;
  /** The outputs of convolutions before their normalisation, by the name of their weights, in order. */
  readonly convolutions?: (image: Tensor) => Taps;
  /** The output, for an image, of the ONNX file that it was read from. */
  readonly output?: FileOutput;
  /** Sentences that `check` and `run` print about how the file was interpreted. */
  readonly notes?: readonly string[];
}

/** Which weights to use of a checkpoint that contains several. */
export interface StateChoice {
  /** The key of the weights, such as `state_dict_ema`, or the prefix of their names; by default the usual ones. */
  readonly state?: string | undefined;
}

/** What the host offers to a backbone while it opens. The host reads files, safely; a backbone never opens a file itself. */
export interface BackboneFiles {
  /** The named arrays of a PyTorch checkpoint. Arrays that the backbone does not take are an error, which the host reports. */
  readonly stateDict: (path: string, which?: StateChoice) => Promise<StateDict>;
  /** The network in an ONNX file, including external data in files next to it. */
  readonly onnx: (path: string) => Promise<OnnxModel>;
}

/** The weights that a backbone uses if an experiment does not name any. */
export interface PublishedWeights {
  /** The parameter that names the file and gets these weights by default. */
  readonly parameter: string;
  /** The manifest that has the weights as its only file; one of those in `models` of the plugin's `manifests`. */
  readonly manifest: string;
}

/** A classifier split into the network up to its features and the last layer. */
export interface BackboneDefinition<P extends ParametersSchema = ParametersSchema> {
  /** Its name in experiments. */
  readonly name: string;
  /** Its description in lists and editors. */
  readonly about?: About;
  /**
   * Set if it is only a last layer: datasets provide the features, and maps if they have them (`Dataset.arrays`), and `features` of the
   * opened backbone is never called. Absent if it computes features from images.
   */
  readonly over?: 'features';
  /** Must contain `imageParameters`, unless it does not read images. */
  readonly params: P;
  /** Its default weights, used if an experiment names none. They are verified before they are opened, and never downloaded unless asked for. */
  readonly published?: PublishedWeights;
  /** Builds the network from the files that its parameters name. Called once per run; throws a FaroutError if they do not fit. */
  readonly open: (params: z.output<P>, files: BackboneFiles) => Promise<Backbone>;
}

/** Types a backbone. See `BackboneDefinition`. */
export const defineBackbone = <P extends z.ZodObject>(
  definition: z.output<P> extends ImageRecipe ? BackboneDefinition<P> : BackboneDefinition<P> & { over: 'features' },
): BackboneDefinition => definition;

/** Three numbers for pixels in 0..1, where neither a mean nor a deviation can exceed 1. */
const rgb = (number: () => z.ZodNumber) => z.tuple([number(), number(), number()]);

/**
 * The parameters of every backbone that reads images: how an image becomes its input. Defaults are torchvision's for ImageNet. Spread it
 * into the backbone's own: `z.object({ weights: filePath(), ...imageParameters })`.
 */
export const imageParameters = {
  mean: rgb(() => z.number().min(0).max(1))
    .default([0.485, 0.456, 0.406])
    .describe('mean of each colour channel, for pixels in 0..1; divide by 255 if yours is for pixels in 0..255'),
  std: rgb(() => z.number().positive().max(1))
    .default([0.229, 0.224, 0.225])
    .describe(
      'standard deviation of each colour channel, for pixels in 0..1; divide by 255 if yours is for pixels in 0..255',
    ),
  resize: z
    .int()
    .min(1)
    .max(4096)
    .default(256)
    .describe('length of the shorter side after resizing, in pixels; with `sides: both`, of both sides'),
  crop: z
    .int()
    .min(1)
    .max(4096)
    .default(224)
    .describe(
      'side of the square centre crop, in pixels; with `sides: both` the same as `resize`, so nothing is cropped',
    ),
  interpolation: z
    .enum(['bilinear', 'bicubic'])
    .default('bilinear')
    .describe('interpolation when resizing, as in Pillow; CLIP and most vision transformers use bicubic'),
  sides: z
    .enum(['shorter', 'both'])
    .default('shorter')
    .describe('which sides are resized to `resize`: the shorter one, keeping the proportions, or both, ignoring them'),
};

type ImageParameters = z.output<z.ZodObject<typeof imageParameters>>;

/**
 * How an image becomes the input of a backbone: resized, cropped, (pixel / 255 − mean) / std. A backbone without the last two parameters
 * uses their defaults.
 */
export type ImageRecipe = Pick<ImageParameters, 'mean' | 'std' | 'resize' | 'crop'> &
  Partial<Pick<ImageParameters, 'interpolation' | 'sides'>>;
