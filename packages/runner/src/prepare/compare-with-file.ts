import { FaroutError } from '@farout/core';
import type { Arrays } from '@farout/runtime';
import { writeOnnxParts, type OnnxModel } from '@farout/onnx';
import { input, type NDArray, type Shape, type Tensor } from '@farout/tensor';
import { toleranceOf, type Tolerance } from './tolerance.ts';
import { openGraphApart, orRefuse, type ForeignFiles } from './trials.ts';

/** How many images are compared: more than one, or a batch that is taken for pixels would not show. */
const images = 2;

/** A network as it was read, and the inputs that it was last applied to. */
export interface ReadModel {
  readonly file: string;
  readonly model: OnnxModel;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** What a file gives for images, one by one. */
export interface FileResults {
  readonly feeds: Arrays;
  readonly outputs: readonly Arrays[];
}

/**
 * Runs a file by onnxruntime alone, in a process of its own, on random images one by one.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when onnxruntime does not open or run it, or crashes.
 */
export async function runFile({ file, inputs }: ReadModel, files: ForeignFiles): Promise<FileResults> {
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }], i) => [name, randomImages(shape, i + 1)]),
  );
  const session = await files.open(file);
  const outputs: Arrays[] = [];
  for (let index = 0; index < images; index++) {
    const single = Object.fromEntries(Object.entries(feeds).map(([name, array]) => [name, imageAt(array, index)]));
    outputs.push(await orRefuse('onnxruntime does not run it', () => session.run(single)));
  }
  return { feeds, outputs };
}

/**
 * Compares a network that was read with what its file gives: here on all images at once, unless it takes them one by one. A
 * file for single images becomes one for batches by rules that cannot know what it means; this finds out.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when an output differs.
 */
export async function compareWithFile({ model, inputs }: ReadModel, { feeds, outputs }: FileResults): Promise<void> {
  const given = Object.entries(inputs).map(([name, { shape, dtype }]) => [name, input(name, shape, dtype)] as const);
  const tensors = model.trace(Object.fromEntries(given));
  const compared = model.outputs.flatMap(({ name }) => {
    const tensor = tensors.get(name);
    // In one axis: its shape need not be known.
    return tensor?.dtype === 'float32' ? [[name, tensor.reshape(['elements'])] as const] : [];
  });
  if (compared.length === 0) return;
  const graph = writeOnnxParts(Object.fromEntries(compared));
  const session = await orRefuse('onnxruntime does not open what it was read as', () => openGraphApart(graph, 'cpu'));
  const run = (part: Arrays) => orRefuse('onnxruntime does not run what it was read as', () => session.run(part));
  try {
    const singly = given.some(([, { shape }]) => shape[0] === 1);
    const together = singly ? undefined : await run(feeds);
    for (const [index, theirs] of outputs.entries()) {
      const at = (arrays: Arrays) =>
        Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, imageAt(array, index)]));
      const ours = together ? at(together) : await run(at(feeds));
      for (const [name] of compared) check(name, ours[name]!, theirs[name]!, toleranceOf(model, name));
    }
  } finally {
    await session.release();
  }
}

/** Numbers between −2 and 2, as normalised images have, always the same ones. */
function randomImages(shape: Shape, seed: number): NDArray {
  const sizes = [images, ...shape.slice(1).map((size) => (typeof size === 'number' ? size : 1))];
  let state = seed;
  const data = Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 30 - 2;
  });
  return { data, shape: sizes };
}

/** One image of a batch: its share of all elements. */
function imageAt({ data, shape }: NDArray, index: number): NDArray {
  const size = data.length / images;
  return { data: data.slice(index * size, (index + 1) * size), shape: [1, ...shape.slice(1)] };
}

function check(name: string, { data: ours }: NDArray, { data: theirs }: NDArray, tolerated: Tolerance): void {
  // The logarithm of a softmax moves by at most twice as much as the logits do.
  const steps = tolerated.steps + 2 * tolerated.logitSteps;
  const difference = apart(Array.from(theirs, Number), Array.from(ours, Number), { ...tolerated, steps });
  if (difference !== undefined) throw unlike(name, difference);
}

/** Below this the largest number counts as this large: what is nearly zero may be all rounding. */
const smallest = 1e-2;

/** A logit below this masks its class: it says nothing of how far the others may part. */
const masked = -1e4;

/** How numbers differ from what is expected; undefined where they agree. Infinities agree with their like, and so does NaN. */
export function apart(
  expected: readonly number[],
  found: readonly number[],
  { share, steps }: Pick<Tolerance, 'share' | 'steps'>,
): string | undefined {
  if (found.length !== expected.length) return `${found.length} numbers instead of ${expected.length}`;
  const sizes = expected.filter((value) => Number.isFinite(value) && value > masked).map(Math.abs);
  const largest = sizes.reduce((most, size) => Math.max(most, size), smallest);
  const distances = expected.map((value, i) => (Object.is(value, found[i]) ? 0 : Math.abs(value - found[i]!)));
  const within = (distance: number, i: number) =>
    distance <= share * Math.max(largest, expected[i]! < masked ? -expected[i]! : 0) + steps;
  // Not "greater than": what is not a number differs.
  const far = distances.findIndex((distance, i) => !within(distance, i));
  return far < 0 ? undefined : `${shown(found[far]!)} instead of ${shown(expected[far]!)}`;
}

const shown = (value: number) => (Number.isNaN(value) ? 'no number' : value.toPrecision(4).replace('Infinity', '∞'));

const unlike = (name: string, how: string) =>
  new FaroutError(
    'OOD_ONNX_REFUSED',
    `its output "${name}" comes out otherwise here than in onnxruntime alone: ${how}`,
    {
      fix: 'Export it again, in another operator set, and without what is drawn at random: for PyTorch after network.eval().',
    },
  );
