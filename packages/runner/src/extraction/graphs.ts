import {
  FaroutError,
  type Backbone,
  type DatasetImage,
  type Device,
  type ImageAccess,
  type ImageRecipe,
  type Rows,
} from '@farout/core';
import { writeOnnxParts } from '@farout/onnx';
import { constant, input, type Dimension, type NDArray, type Tensor } from '@farout/tensor';
import { hashBytes } from '../store/entries.ts';
import { pixelsInput, rowsOutput } from './batch.ts';

/**
 * A network's images as the workers' graphs receive them: pixels, uint8 (N, crop, crop, 3), normalised as torchvision
 * does. `batch` is 1 for networks that accept only single images.
 */
export function imageAccess(backbone: Backbone, recipe: ImageRecipe, batch: Dimension = 'N'): ImageAccess {
  const { crop, std } = recipe;
  const pixels = input(pixelsInput, [batch, crop, crop, 3], 'uint8');
  const deviation = perChannel(std);
  return { image: normalised(pixels, recipe, deviation), std: deviation, backbone };
}

const perChannel = (values: readonly number[]) => constant({ data: Float32Array.from(values), shape: [3, 1, 1] });

/** Normalises pixels, uint8 (N, H, W, 3), for a network: (pixel / 255 − mean) / std, float32 (N, 3, H, W). */
export const normalised = (
  pixels: Tensor,
  { mean, std }: Pick<ImageRecipe, 'mean' | 'std'>,
  deviation = perChannel(std),
): Tensor => pixels.cast('float32').transpose(0, 3, 1, 2).div(255).sub(perChannel(mean)).div(deviation);

/** The features of the network's input images. */
export const featuresOf = (images: ImageAccess): Tensor =>
  images.given?.features ?? images.backbone.features(images.image);

/** An ONNX file as consecutive parts, so that weights are not copied. */
export type GraphParts = readonly Uint8Array[];

/** A named array that a pass over images computes for each image. */
export interface Reading {
  /**
   * A hash of everything besides the image that determines its numbers: the graph with weights, resize, crop, device, onnxruntime.
   */
  readonly key: string;
  /** Its name in messages. */
  readonly what: string;
  /** float32, images along the first axis; stored as one row per image. */
  readonly tensor: Tensor;
  /**
   * `forward`: computed in the same forward pass as the features. `image`: applies the network to images itself, so
   * it is computed by a separate graph on the same batch.
   */
  readonly graph: 'forward' | 'image';
}

/** The reading that every backbone provides and detectors are computed from. */
export const featuresWhat = 'the features';

/** The output name of a reading in graphs. The features are called the same in every graph. */
export const outputOf = ({ key, what }: Pick<Reading, 'key' | 'what'>): string =>
  what === featuresWhat ? rowsOutput : `reading_${key}`;

/** Unique readings. The first of equal ones is kept, for example that of the features. */
export const uniqueReadings = (readings: readonly Reading[]): Reading[] =>
  [...new Map([...readings].reverse().map((reading) => [reading.key, reading])).values()].reverse();

/** Numbers per image of a reading. */
export const widthOf = ({ tensor: { shape } }: Pick<Reading, 'tensor'>): number =>
  shape.slice(1).reduce((product: number, size) => product * Number(size), 1);

/** A reading as one row per image, (N, width). */
const asRow = (reading: Pick<Reading, 'tensor'>): Tensor => {
  const { tensor } = reading;
  return tensor.shape.length === 2 ? tensor : tensor.reshape([tensor.shape[0]!, widthOf(reading)]);
};

/**
 * Batch size of graphs with gradients on the CPU. At this size a map and its mask stay in the cache, and with a fixed size
 * onnxruntime knows every shape in advance. Takes 0.94 of the time of batches of eight on MobileNet-v2, 0.98 on ResNet-50.
 */
export const gradientBatch = 2;

/** A graph for the workers of one device that computes these readings, float32 (N, width) each. */
export const readingGraph = (readings: readonly Reading[], device: Device): GraphParts =>
  writeOnnxParts(
    Object.fromEntries(readings.map((reading) => [outputOf(reading), asRow(reading)])),
    device === 'cpu' && readings.some(({ graph }) => graph === 'image') ? { sizes: { N: gradientBatch } } : {},
  );

/**
 * Groups readings by graph: one for those of the forward pass, one for those that apply the network themselves; gradients share it.
 */
export const graphsOf = (readings: readonly Reading[]): (readonly Reading[])[] =>
  (['forward', 'image'] as const)
    .map((kind) => readings.filter(({ graph }) => graph === kind))
    .filter((graph) => graph.length > 0);

/** The graph of a single reading, with the output name of features; its hash identifies the reading. */
export const imageGraph = (tensor: Tensor): GraphParts => writeOnnxParts({ [rowsOutput]: asRow({ tensor }) });

/** The graph of a network's features. */
export const featureGraph = (images: ImageAccess): GraphParts => imageGraph(featuresOf(images));

/** Digests of large arrays shared by many graphs, by their location in memory. */
const digests = new WeakMap<ArrayBufferLike, Map<string, string>>();
const large = 2 ** 16;

/** A hash of a graph. Large parts, such as weights shared by many graphs, are hashed only once. */
export const hashGraph = (parts: GraphParts): string => hashBytes(parts.map(digested));

function digested(part: Uint8Array): Uint8Array {
  if (part.length < large) return part;
  const { buffer, byteOffset, length } = part;
  const known = digests.get(buffer) ?? new Map<string, string>();
  digests.set(buffer, known);
  const place = `${byteOffset} ${length}`;
  const digest = known.get(place) ?? hashBytes(part);
  known.set(place, digest);
  return Buffer.from(`${length} ${digest}`);
}

/** The input name of every graph over stored features. */
const featuresName = 'features';

/** Stored features as a symbolic tensor, float32 (N, D). */
export const featuresInput = (width: number): Tensor => input(featuresName, ['N', width]);

/** The feed for that input: a block of stored features. */
export const feedFeatures = (rows: Rows): Record<string, NDArray> => ({ [featuresName]: rows });

/** A stored reading as a symbolic tensor of its original shape. */
export const readingInput = ({ key, tensor: { shape } }: Reading): Tensor =>
  input(`stored_${key}`, ['N', ...shape.slice(1)]);

/** The feed for that input: a block of the stored reading. */
export const feedReading = (
  { key, tensor: { shape } }: Reading,
  { data, shape: [rows] }: Rows,
): Record<string, NDArray> => ({
  [`stored_${key}`]: { data, shape: [rows, ...shape.slice(1).map(Number)] },
});

/** An output of such a graph, as rows. */
export const asRows = ({ data, shape }: NDArray): Rows => ({
  data: data as Float32Array,
  shape: shape as Rows['shape'],
});

/** The row of the first NaN in a block, and its column; undefined if there is none. */
export function firstNaN({
  data,
  shape: [, width],
}: Rows): { readonly row: number; readonly column: number } | undefined {
  for (let i = 0; i < data.length; i++) {
    if (Number.isNaN(data[i])) return { row: Math.floor(i / width), column: i % width };
  }
  return undefined;
}

/**
 * Checks a block of stored features. A NaN must not reach hooks and scorers, because some operators would hide it.
 *
 * @throws FaroutError OOD_FEATURES_INVALID naming the image; `set` describes its set in the message.
 */
export function checkFeatures(features: Rows, images: readonly DatasetImage[], set: string): void {
  const found = firstNaN(features);
  if (!found) return;
  const { id } = images[found.row]!;
  const which = `feature ${found.column} of 0..${features.shape[1] - 1}`;
  throw new FaroutError('OOD_FEATURES_INVALID', `the network gives NaN for the image "${id}" of ${set}: ${which}`, {
    fix: 'Check the image, and mean and std: numbers that overflow float32 in the network become NaN. To continue without the image, remove it from its set.',
  });
}
