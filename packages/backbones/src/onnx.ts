import { defineBackbone, FaroutError, filePath, imageParameters, z } from '@farout/core';
import type { OnnxNode } from '@farout/onnx';
import { constant, type Dimension, input as placeholder, type Tensor } from '@farout/tensor';
import { chooseOutput } from './onnx/choose-output.ts';
import type { Classifier } from './onnx/classifier.ts';
import { openEncoder } from './onnx/encoder.ts';
import { pooledMap } from './onnx/pooled-map.ts';
import { imageInput } from './onnx/image-input.ts';

/**
 * Any image classifier in an ONNX file, or an image encoder with a head from another file.
 *
 * A classifier: the features are the input of its last linear layer, whose weight and bias are the
 * head. Operations after that layer that are affine per class (a temperature, a scale, a normalisation, the mean of several layers, classes
 * omitted, masked or reordered) are folded into W and b; a final softmax, log-softmax or ArgMax is omitted. A single number z per image,
 * with or without a sigmoid, becomes two classes with the logits 0 and z. The host compares the head's logits with the file's own output.
 *
 * An encoder: the features are an output of the file, (N, D), unchanged. W, and b if the head has one (otherwise zeros), are text
 * embeddings or a linear probe. logits = scale · (W · n + b), where n is the features, or, with `normalise`, features / max(‖features‖₂,
 * 10⁻¹²). Hooks are applied before that. Here the host compares the features with the file's own output.
 *
 * image, normalised float32 (N, 3, H, W) → features (N, D) → logits (N, K); D and K are the file's. Taps are all values of the file, by
 * name; the one that the global pooling reads is found automatically.
 * @throws FaroutError OOD_ONNX_REFUSED when the file is not an image classifier or encoder, when the named output is unsuitable, or when
 *   several outputs are possible and none is named.
 */
export const onnx = defineBackbone({
  name: 'onnx',
  about: {
    summary:
      'Any image classifier in an ONNX file, whose features are the input of its last linear layer; or an image encoder with a separate head.',
  },
  params: z
    .object({
      weights: filePath().describe('an ONNX file; external data in files next to it is found'),
      output: z
        .string()
        .min(1)
        .optional()
        .describe('name of the output to score, or of the embedding; required if several are possible'),
      features: z
        .string()
        .min(1)
        .optional()
        .describe('name of the tensor with the features; found automatically by default'),
      layout: z
        .enum(['nchw', 'nhwc'])
        .optional()
        .describe('order of the axes of its input; default: detected from the file'),
      head: filePath()
        .optional()
        .describe(
          'file of the last layer, if the ONNX file is an encoder: text embeddings or a linear probe, W (K, D) in a .npy file, or "weight" and optionally "bias" in .npz or safetensors',
        ),
      normalise: z
        .boolean()
        .optional()
        .describe('whether the head reads features divided by their length, as in CLIP; default: false'),
      scale: z.number().positive().optional().describe('factor for the logits of the head; 100 in CLIP'),
      ...imageParameters,
    })
    .refine(({ head, normalise }) => head !== undefined || normalise === undefined, {
      path: ['normalise'],
      error: 'normalise works only with encoders: also set head to the file of the last layer',
    })
    .refine(({ head, scale }) => head !== undefined || scale === undefined, {
      path: ['scale'],
      error: 'scale works only with encoders: also set head to the file of the last layer',
    })
    .refine(({ head, features }) => head === undefined || features === undefined, {
      path: ['features'],
      error: 'features works only with classifiers: for an encoder, set output to the embedding that the head reads',
    }),
  open: async ({ weights, output, features, layout, head, normalise = false, scale, crop }, files) => {
    const model = await files.onnx(weights);
    const input = imageInput(model, layout, crop);
    const apply = (batch: Batch) =>
      model.trace({ [input.name]: input.feed(placeholder('image', [batch, 3, crop, crop])) });
    const traced = inBatchesOrSingly(apply);
    const chosen =
      head === undefined
        ? chooseOutput({ model, ...traced }, { output, features })
        : await openEncoder({ model, ...traced }, { output, head, scale });
    const values = (image: Tensor) => model.trace({ [input.name]: input.feed(image) });
    const made = new Set(model.nodes.flatMap(({ outputs }) => outputs));
    const convolved = new Set(model.nodes.filter(isConvolution).flatMap(({ outputs }) => outputs));
    const lastTap = pooledMap(picked(traced.tensors, made, traced.batch), chosen.features);
    return {
      features: (image) => pooledFeatures(values(image), chosen, image.shape[0]!),
      head: {
        weight: constant(chosen.weight, 'head.weight'),
        bias: constant(chosen.bias, 'head.bias'),
        ...(normalise && { normalise }),
      },
      taps: (image) => picked(values(image), made, image.shape[0]!),
      lastTap: lastTap ?? false,
      from: (tap, map) => {
        const image = placeholder('image', [map.shape[0]!, 3, crop, crop]);
        const values = model.trace({ [input.name]: input.feed(image), [tap]: map });
        const behind = pooledFeatures(values, chosen, map.shape[0]!);
        if (!reads(behind, image)) return behind;
        throw new FaroutError('OOD_UNKNOWN_TAP', `the features do not depend on "${tap}" alone`, {
          fix: `Use a map that the whole network passes through${lastTap === undefined ? '' : `, such as "${lastTap}"`}.`,
        });
      },
      convolutions: (image) => picked(values(image), convolved, image.shape[0]!),
      output: chosen.output,
      notes: chosen.notes,
    };
  },
});

const isConvolution = ({ type, folded }: OnnxNode) => type === 'Conv' && !folded;

/** The float32 results of the named nodes for each image, in the order in which the network computes them. */
const picked = (values: ReadonlyMap<string, Tensor>, names: ReadonlySet<string>, batch: Dimension) =>
  new Map([...values].filter(([name, tensor]) => names.has(name) && isRows(tensor, batch)));

const isRows = (tensor: Tensor, batch: Dimension) =>
  tensor.dtype === 'float32' && tensor.hasShape && tensor.shape.length > 1 && tensor.shape[0] === batch;

/** Whether a tensor depends on another one. */
function reads(tensor: Tensor, of: Tensor): boolean {
  const seen = new Set<Tensor>();
  const waiting = [tensor];
  for (let each = waiting.pop(); each; each = waiting.pop()) {
    if (each === of) return true;
    if (each.origin.kind !== 'operation' || seen.has(each)) continue;
    seen.add(each);
    waiting.push(...each.origin.inputs);
  }
  return false;
}

type Batch = 'N' | 1;

/** A network that cannot be applied to batches of any size may still accept images one by one. */
function inBatchesOrSingly<T>(apply: (batch: Batch) => T): { readonly tensors: T; readonly batch: Batch } {
  try {
    return { tensors: apply('N'), batch: 'N' };
  } catch {
    return { tensors: apply(1), batch: 1 };
  }
}

/** The features as a matrix, (batch, D): the input of the head; if the network takes the spatial mean after the head, it is taken before it here. */
function pooledFeatures(
  tensors: ReadonlyMap<string, Tensor>,
  { features, featuresName, axis, weight }: Pick<Classifier, 'features' | 'featuresName' | 'axis' | 'weight'>,
  batch: Dimension,
): Tensor {
  const tensor = tensors.get(featuresName)!;
  const width = weight.shape[1]!;
  // After an opaque operator, the shape is assumed to be what the layer needs.
  if (!tensor.hasShape) return tensor.reshape([batch, width]);
  const along = axis < 0 ? axis + tensor.shape.length : axis;
  // When the network was read, only the image axis had a symbolic size.
  const isPlace = (each: number) =>
    each !== along && typeof features.shape[each] === 'number' && tensor.shape[each] !== 1;
  const places = tensor.shape.flatMap((_, each) => (isPlace(each) ? [each] : []));
  const row = places.length > 0 ? tensor.mean(places) : tensor;
  return row.shape.length === 2 ? row : row.reshape([batch, width]);
}
