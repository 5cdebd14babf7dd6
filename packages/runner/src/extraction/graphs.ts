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
 * A network's images as the workers' graphs have them: pixels, uint8 (N, crop, crop, 3), normalised as torchvision does. A `batch` of 1 is for networks that take images one by one.
 */
export function imageAccess(backbone: Backbone, recipe: ImageRecipe, batch: Dimension = 'N'): ImageAccess {
  const { crop, std } = recipe;
  const pixels = input(pixelsInput, [batch, crop, crop, 3], 'uint8');
  const deviation = perChannel(std);
  return { image: normalised(pixels, recipe, deviation), std: deviation, backbone };
}

const perChannel = (values: readonly number[]) => constant({ data: Float32Array.from(values), shape: [3, 1, 1] });

/** Pixels, uint8 (N, H, W, 3), as a network takes them: (pixel / 255 − mean) / std, float32 (N, 3, H, W). */
export const normalised = (
  pixels: Tensor,
  { mean, std }: Pick<ImageRecipe, 'mean' | 'std'>,
  deviation = perChannel(std),
): Tensor => pixels.cast('float32').transpose(0, 3, 1, 2).div(255).sub(perChannel(mean)).div(deviation);

/** The features of the images that go into a network. */
export const featuresOf = (images: ImageAccess): Tensor =>
  images.given?.features ?? images.backbone.features(images.image);

/** An ONNX model as it lies in a file, in parts that follow one another: weights are not copied. */
export type GraphParts = readonly Uint8Array[];

/** A named array that a pass over images leaves of each of them. */
export interface Reading {
  /** A hash of all that decides its numbers besides the image: its graph with weights, resize, crop, device, onnxruntime. */
  readonly key: string;
  /** What messages call it. */
  readonly what: string;
  /** float32, the images along the first axis; stored as a row for each image. */
  readonly tensor: Tensor;
  /**
   * Whether it is made of the one forward pass that gives the features, or applies the network to images itself: then it is computed by
   * a further graph on the same batch.
   */
  readonly graph: 'forward' | 'image';
}

/** What every backbone gives: the reading that detectors are computed from. */
export const featuresWhat = 'the features';

/** What the output of a reading is called in graphs; that of the features has the name of every feature graph. */
export const outputOf = ({ key, what }: Pick<Reading, 'key' | 'what'>): string =>
  what === featuresWhat ? rowsOutput : `reading_${key}`;

/** Readings of which no two are the same; the first of equals stays, as that of the features does. */
export const uniqueReadings = (readings: readonly Reading[]): Reading[] =>
  [...new Map([...readings].reverse().map((reading) => [reading.key, reading])).values()].reverse();

/** How many numbers a reading has of each image. */
export const widthOf = ({ tensor: { shape } }: Pick<Reading, 'tensor'>): number =>
  shape.slice(1).reduce((product: number, size) => product * Number(size), 1);

/** A reading as a row for each image, (N, width). */
const asRow = (reading: Pick<Reading, 'tensor'>): Tensor => {
  const { tensor } = reading;
  return tensor.shape.length === 2 ? tensor : tensor.reshape([tensor.shape[0]!, widthOf(reading)]);
};

/**
 * How many images a graph with gradients takes at once on the CPU: what a map and its mask need then stays in the cache, and of
 * one that is fixed onnxruntime knows every size beforehand. It takes 0.94 of the time of eight on MobileNet-v2, 0.98 on ResNet-50.
 */
export const gradientBatch = 2;

/** A graph for the workers of one device: what it makes of each image, float32 (N, width) each. */
export const readingGraph = (readings: readonly Reading[], device: Device): GraphParts =>
  writeOnnxParts(
    Object.fromEntries(readings.map((reading) => [outputOf(reading), asRow(reading)])),
    device === 'cpu' && readings.some(({ graph }) => graph === 'image') ? { sizes: { N: gradientBatch } } : {},
  );

/** What the one forward pass gives together, and what applies the network itself in a graph of its own: gradients share theirs. */
export const graphsOf = (readings: readonly Reading[]): (readonly Reading[])[] =>
  (['forward', 'image'] as const)
    .map((kind) => readings.filter(({ graph }) => graph === kind))
    .filter((graph) => graph.length > 0);

/** The graph of one reading alone, called as features are: what it is known by. */
export const imageGraph = (tensor: Tensor): GraphParts => writeOnnxParts({ [rowsOutput]: asRow({ tensor }) });

/** The graph of a network's features. */
export const featureGraph = (images: ImageAccess): GraphParts => imageGraph(featuresOf(images));

/** SHA-256 of arrays that are part of many graphs, by where they lie. */
const digests = new WeakMap<ArrayBufferLike, Map<string, string>>();
const large = 2 ** 16;

/** A hash of a graph. Of weights, which many graphs share, the hash is taken once. */
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

/** The input of every graph over stored features. */
const featuresName = 'features';

/** Stored features as a symbolic tensor, float32 (N, D). */
export const featuresInput = (width: number): Tensor => input(featuresName, ['N', width]);

/** A block of stored features, to be fed to it. */
export const feedFeatures = (rows: Rows): Record<string, NDArray> => ({ [featuresName]: rows });

/** A stored reading as a symbolic tensor of its own shape. */
export const readingInput = ({ key, tensor: { shape } }: Reading): Tensor =>
  input(`stored_${key}`, ['N', ...shape.slice(1)]);

/** A block of a stored reading, to be fed to it. */
export const feedReading = (
  { key, tensor: { shape } }: Reading,
  { data, shape: [rows] }: Rows,
): Record<string, NDArray> => ({
  [`stored_${key}`]: { data, shape: [rows, ...shape.slice(1).map(Number)] },
});

/** An output of such a graph as rows. */
export const asRows = ({ data, shape }: NDArray): Rows => ({
  data: data as Float32Array,
  shape: shape as Rows['shape'],
});

/** The row of the first NaN in a block, and where in the row it is; undefined where there is none. */
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
 * Checks a block of stored features: no hook or scorer sees one that is no number, which some operators would pass over.
 *
 * @throws FaroutError OOD_FEATURES_INVALID naming the image; `set` says of which set it is.
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
