import { createHash } from 'node:crypto';
import {
  FaroutError,
  type DatasetImage,
  type ImageAccess,
  type ImageRow,
  type Rows,
  type StoredArray,
} from '@farout/core';
import { openSession, type Session } from '@farout/runtime';
import { constant, input, type NDArray, type Tensor } from '@farout/tensor';
import { hashData } from '../store/entries.ts';
import { rowsOutput } from './batch.ts';
import { asRows, featuresWhat, imageGraph, type Reading } from './graphs.ts';
import type { Wanted } from './refused.ts';
import type { ListedDataset } from './look-up.ts';
import type { ImageSet, ShardRows } from './row-set.ts';

/** Name of the dataset array that the last layer reads. */
const featuresName = 'features';

/** An array of a dataset as an input of graphs over given features. */
const givenInput = (name: string, shape: readonly number[]): Tensor => input(`given.${name}`, ['N', ...shape.slice(1)]);

/**
 * Access to features that datasets provide. The feature maps that all datasets provide with the same shapes are taps.
 * Accessing an image throws.
 */
export function givenAccess(featureWidth: number, datasets: ReadonlyMap<string, ListedDataset>): ImageAccess {
  const [first, ...others] = [...datasets.values()].map(({ arrays = {} }) => arrays);
  const isShared = (name: string, { shape }: StoredArray) =>
    others.every((arrays) => String(arrays[name]?.shape.slice(1)) === String(shape.slice(1)));
  const maps = Object.entries(first ?? {}).filter(([name, array]) => name !== featuresName && isShared(name, array));
  return {
    get image() {
      return refuseImages();
    },
    std: constant({ data: new Float32Array(3).fill(1), shape: [3, 1, 1] }),
    given: {
      features: givenInput(featuresName, [0, featureWidth]),
      taps: new Map(maps.map(([name, { shape }]) => [name, givenInput(name, shape)])),
    },
    backbone: { features: refuseImages },
  };
}

function refuseImages(): never {
  throw new FaroutError('OOD_DETECTOR_FAILED', 'it needs images; only stored features are available', {
    fix: 'Use a backbone that reads images, or remove this detector.',
  });
}

/**
 * What is wrong with the arrays of a dataset; undefined if they have a row for each image and D features.
 *
 * @param width - D; not compared if it is not known yet.
 */
export function faultOfArrays({ images, arrays = {} }: ListedDataset, width?: number): string | undefined {
  const features = arrays[featuresName];
  if (!features) return 'lists rows, but has no array "features"';
  const { shape } = features;
  if (shape.length !== 2) return `has features of the shape (${shape.join(', ')}), expected (rows, D)`;
  if (width !== undefined && shape[1] !== width)
    return `has ${shape[1]!} features per row, but the last layer reads ${width}`;
  const other = Object.entries(arrays).find(([, array]) => array.shape[0] !== shape[0]);
  if (other) return `has ${shape[0]!} rows of features, but ${other[1].shape[0]!} of "${other[0]}"`;
  const beyond = images.find((image) => 'row' in image && image.row >= shape[0]!);
  return beyond && `lists the row ${(beyond as ImageRow).row} of ${shape[0]!}`;
}

type Arrays = Readonly<Record<string, StoredArray>>;

/**
 * Opens the rows of each dataset and adds the readings to them. Readings whose graph onnxruntime refuses to open are
 * returned by their keys, with its error.
 */
export async function openGiven(
  wanted: ReadonlyMap<string, Wanted>,
  sets: Map<string, GivenRows>,
): Promise<ReadonlyMap<string, unknown>> {
  const refused = new Map<string, unknown>();
  for (const [name, { dataset, readings }] of wanted) {
    const set = sets.get(name) ?? (await GivenRows.open(dataset));
    sets.set(name, set);
    for (const reading of readings) {
      const { key, what } = reading;
      if (what === featuresWhat || refused.has(key) || set.has(key)) continue;
      const fault = await openReading(reading).then(
        (session) => session.release(),
        (error: unknown) => error ?? 'refused',
      );
      if (fault === undefined) set.add(reading);
      else refused.set(key, fault);
    }
  }
  return refused;
}

/** How many rows are held in memory at once. */
const blockRows = 256;

/** Maximum number of rows read for a block: rows between the wanted ones are read with them. */
const mostRead = 4 * blockRows;

/** The rows that a dataset provides. Readings are computed from them each time they are read. */
export class GivenRows implements ImageSet {
  readonly images: readonly ImageRow[];
  readonly contents: readonly string[];
  readonly fingerprint: string;
  readonly unreadable = [];
  readonly read = 0;
  readonly #arrays: Arrays;
  readonly #readings = new Map<string, Reading>();

  private constructor(
    images: readonly ImageRow[],
    arrays: Arrays,
    hashes: Readonly<Record<string, readonly string[]>>,
  ) {
    this.images = images;
    this.#arrays = arrays;
    this.contents = hashes[featuresName]!;
    this.fingerprint = hashData(hashes);
  }

  /** Reads all rows once to hash them. An image is identified by the hash of its features. */
  static async open({ images, arrays = {} }: ListedDataset): Promise<GivenRows> {
    const rows = images as readonly ImageRow[];
    const hashes: (readonly [string, readonly string[]])[] = [];
    for (const name of Object.keys(arrays).sort()) {
      const own: string[] = [];
      for (const block of blocks(rows)) own.push(...(await hashesOf(arrays[name]!, block)));
      hashes.push([name, own]);
    }
    return new GivenRows(rows, arrays, Object.fromEntries(hashes));
  }

  get listed(): number {
    return this.images.length;
  }

  /** Adds a reading to compute from the rows. */
  add(reading: Reading): void {
    this.#readings.set(reading.key, reading);
  }

  has(reading: string): boolean {
    return this.#readings.has(reading);
  }

  lack(): undefined {
    return undefined;
  }

  async *rows(readings: readonly string[] = []): AsyncGenerator<ShardRows> {
    const sessions = new Map<string, Session>();
    try {
      for (const key of readings) sessions.set(key, await openReading(this.#readings.get(key)!));
      for (const block of blocks(this.images)) yield await this.#block(block, sessions);
    } finally {
      for (const session of sessions.values()) await session.release();
    }
  }

  async #block(images: readonly ImageRow[], sessions: ReadonlyMap<string, Session>): Promise<ShardRows> {
    const known = new Map<string, NDArray>();
    const arrayOf = async (name: string) => {
      const found = known.get(name) ?? (await rowsOf(this.#arrays[name]!, images));
      known.set(name, found);
      return found;
    };
    const readings = new Map<string, Rows>();
    for (const [key, session] of sessions) {
      const feeds: Record<string, NDArray> = {};
      for (const fed of Object.keys(session.inputs)) feeds[fed] = await arrayOf(fed.replace(/^given\./, ''));
      readings.set(key, asRows((await session.run(feeds))[rowsOutput]!));
    }
    return { images, rows: await arrayOf(featuresName).then(asRows), readings };
  }
}

/** Opens the graph of a reading over the given arrays. */
export const openReading = ({ tensor }: Reading): Promise<Session> =>
  openSession(Buffer.concat(imageGraph(tensor)), { threads: 1 });

/** Groups images whose rows are close together in the file, so that few others are read with them. */
function* blocks(images: readonly ImageRow[]): Generator<readonly ImageRow[]> {
  let block: ImageRow[] = [];
  let [first, last] = [Infinity, -Infinity];
  for (const image of images) {
    const [low, high] = [Math.min(first, image.row), Math.max(last, image.row)];
    if (block.length === blockRows || (block.length > 0 && high - low >= mostRead)) {
      yield block;
      block = [];
      [first, last] = [image.row, image.row];
    } else [first, last] = [low, high];
    block.push(image);
  }
  if (block.length > 0) yield block;
}

/** SHA-256 of each of these rows. */
async function hashesOf(array: StoredArray, images: readonly ImageRow[]): Promise<string[]> {
  const { data } = await rowsOf(array, images);
  const width = data.length / images.length;
  return images.map((_, at) => {
    const row = data.subarray(at * width, (at + 1) * width);
    return createHash('sha256').update(row).digest('hex');
  });
}

/** The rows of these images, float32: reads one range of the file and drops the rows in between. */
async function rowsOf(array: StoredArray, images: readonly DatasetImage[]): Promise<NDArray & { data: Float32Array }> {
  const rows = images.map((image) => (image as ImageRow).row);
  const first = rows.reduce((least, row) => Math.min(least, row), Infinity);
  const last = rows.reduce((most, row) => Math.max(most, row), 0);
  const { data, shape } = await array.read(first, last - first + 1);
  if (data instanceof Float32Array && rows.every((row, at) => row === first + at)) return { data, shape };
  const width = data.length / shape[0]!;
  const isBig = data instanceof BigInt64Array || data instanceof BigUint64Array;
  const numbers = isBig ? Float32Array.from(data, Number) : data;
  const chosen = new Float32Array(rows.length * width);
  for (const [at, row] of rows.entries()) {
    const start = (row - first) * width;
    chosen.set(numbers.subarray(start, start + width), at * width);
  }
  return { data: chosen, shape: [rows.length, ...shape.slice(1)] };
}
