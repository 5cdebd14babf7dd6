import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FaroutError, type Dataset, type DatasetImage, type FileOutput } from '@farout/core';
import { openSession, type Arrays } from '@farout/runtime';
import { input, writeOnnx, type NDArray } from '@farout/tensor';
import type { Experiment } from '../experiment.ts';
import { imageGraph } from '../extraction/image-graph.ts';
import { pixelsInput, type ImageInput } from '../extraction/messages.ts';
import { Quarantine } from '../extraction/quarantine.ts';
import { atPlace } from '../plugins/at-place.ts';
import { settled } from '../plugins/settled.ts';
import { apart, openFile, type ReadModel } from './compare-with-file.ts';
import type { OpenedBackbone } from './open-backbone.ts';

/** A file, and which of its outputs the head's logits must give. */
export interface ScoredFile {
  readonly read: ReadModel;
  readonly output: FileOutput;
}

/** Images by what messages call them: uint8, (1, crop, crop, 3). */
type Pixels = ReadonlyMap<string, NDArray>;

/** How many random images, and how many of each dataset, are compared. */
const compared = { random: 2, ofDataset: 2 };

/**
 * Holds the head's logits to the output of the file, run by onnxruntime alone, image by image: whatever stands behind the last layer
 * and was overlooked shows here.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when they differ for an image.
 */
export async function compareOutput(
  { read, output }: ScoredFile,
  { images, head: { weight, bias } }: Pick<OpenedBackbone, 'images' | 'head'>,
  pixels: Pixels,
): Promise<void> {
  const logits = images.featuresOf(images.image).linear(weight, bias);
  const fed = Object.entries(read.inputs).map(([name, tensor]) => [`fed ${name}`, tensor] as const);
  const ours = await openSession(writeOnnx({ logits, ...Object.fromEntries(fed) }), { threads: 1 });
  const theirs = await openFile(read.file);
  try {
    for (const [image, array] of pixels) {
      const { logits: row, ...feeds } = await ours.run({ [pixelsInput]: array });
      const given = await theirs.run(unprefixed(feeds));
      checkRow(Array.from(row!.data, Number), Array.from(given[output.name]!.data, Number), output, image);
    }
  } finally {
    await Promise.all([ours.release(), theirs.release()]);
  }
}

const unprefixed = (feeds: Arrays): Arrays =>
  Object.fromEntries(Object.entries(feeds).map(([name, array]) => [name.slice('fed '.length), array]));

function checkRow(logits: readonly number[], given: readonly number[], output: FileOutput, image: string): void {
  const [expected, found] = comparable(logits, given, output);
  const difference = apart(expected, found);
  if (difference === undefined) return;
  throw new FaroutError(
    'OOD_ONNX_REFUSED',
    `its output "${output.name}" is not what its last linear layer gives for ${image}: ${difference}`,
    {
      fix: 'Export the classifier up to its last linear layer, without what stands behind it.',
    },
  );
}

/** What the file gives and what the logits make of it, as numbers of the size of logits. */
function comparable(
  logits: readonly number[],
  given: readonly number[],
  { of, column }: FileOutput,
): readonly [readonly number[], readonly number[]] {
  const largest = logits.reduce((most, z) => Math.max(most, z), -Infinity);
  if (of === 'label') return [given.map(() => largest), given.map((label) => logits[label] ?? NaN)];
  const shift = of === 'logits' ? 0 : largest + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - largest), 0));
  const all = logits.map((z) => z - shift);
  const ours = column === undefined ? all : [all[column]!];
  if (of === 'logits') return [given, ours];
  const atLeast = (value: number) => Math.max(value, logits.length === 2 ? least.ofTwo : least.ofMany);
  return [(of === 'softmax' ? given.map(Math.log) : given).map(atLeast), ours.map(atLeast)];
}

/**
 * The logarithms of the smallest probabilities that are compared. Smaller ones are rounded away; of two, often 1 − p and a
 * sigmoid p, which onnxruntime approximates, sooner.
 */
const least = { ofTwo: Math.log(1e-5), ofMany: Math.log(1e-30) };

/** Random pixels, always the same ones. */
export function randomPixels(crop: number): Pixels {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
  const image = () => ({ data: Uint8Array.from({ length: crop * crop * 3 }, next), shape: [1, crop, crop, 3] });
  return new Map(Array.from({ length: compared.random }, (_, i) => [`random image ${i + 1}`, image()]));
}

/**
 * The same for the first images of the ID set and of every OOD set that can be read.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when they differ for an image.
 */
export async function compareOnImages(
  { backbone: { params, placeOf }, id, ood }: Experiment,
  backbone: OpenedBackbone,
  datasets: ReadonlyMap<string, Dataset>,
): Promise<void> {
  const { scored } = backbone;
  if (!scored) return;
  const first = [id, ...ood].flatMap((name) => datasets.get(name)!.images.slice(0, compared.ofDataset));
  const pixels = await readPixels(first, params);
  await atPlace(placeOf('weights'), () => compareOutput(scored, backbone, pixels));
}

/** In a process of its own, which an image may crash. */
async function readPixels(
  images: readonly DatasetImage[],
  { resize, crop }: Experiment['backbone']['params'],
): Promise<Pixels> {
  const folder = await mkdtemp(path.join(tmpdir(), 'farout-'));
  const model = path.join(folder, 'pixels.onnx');
  const quarantine = new Quarantine({ model, device: 'cpu', threads: 1, recipe: { resize, crop } });
  try {
    const size = crop * crop * 3;
    const rows = input(pixelsInput, ['N', crop, crop, 3], 'uint8').cast('float32').reshape(['N', size]);
    await writeFile(model, imageGraph(rows));
    const outcome = await quarantine.isolate(await settled(Promise.all(images.map(inputOf))));
    const readable = images.filter((_, i) => outcome.images[i]!.unreadable === undefined);
    return new Map(
      readable.map(({ id }, i) => [
        id,
        { data: Uint8Array.from(outcome.features.subarray(i * size, (i + 1) * size)), shape: [1, crop, crop, 3] },
      ]),
    );
  } finally {
    await quarantine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function inputOf(image: DatasetImage): Promise<ImageInput> {
  if ('path' in image) return { path: image.path };
  try {
    return { bytes: await image.read() };
  } catch (error) {
    // Whoever reads all images names it.
    return { failure: String(error) };
  }
}
