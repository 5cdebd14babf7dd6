import { FaroutError } from '@farout/core';
import { openSession, type Arrays, type Session } from '@farout/runtime';
import { input, writeOnnx, type NDArray, type OnnxModel, type Shape, type Tensor } from '@farout/tensor';

/** How many images are compared: more than one, or a batch that is taken for pixels would not show. */
const images = 2;

/** How far numbers may part, in units of the largest: summing in another order makes 10⁻⁶. */
const tolerance = 1e-3;

/** A network as it was read, and the inputs that it was last applied to. */
export interface ReadModel {
  readonly file: string;
  readonly model: OnnxModel;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/**
 * Compares a network that was read with its file, run by onnxruntime alone: on random images, all at once here, one by one
 * there. A file for single images becomes one for batches by rules that cannot know what it means; this finds out.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when an output differs.
 */
export async function compareWithFile({ file, model, inputs }: ReadModel): Promise<void> {
  const shapes = Object.entries(inputs).map(([name, { shape }]) => [name, shape] as const);
  const feeds = Object.fromEntries(shapes.map(([name, shape], i) => [name, randomImages(shape, i + 1)]));
  const single = await openFile(file);
  try {
    const ours = await runRead(model, shapes, feeds);
    for (let index = 0; index < images; index++) {
      const theirs = await single.run(Object.fromEntries(shapes.map(([name]) => [name, imageAt(feeds[name]!, index)])));
      for (const [name, array] of Object.entries(ours)) check(name, imageAt(array, index), theirs[name]!);
    }
  } finally {
    await single.release();
  }
}

/** @throws FaroutError OOD_ONNX_REFUSED when onnxruntime does not open it. */
export async function openFile(file: string): Promise<Session> {
  try {
    return await openSession(file, { threads: 1 });
  } catch (cause) {
    throw new FaroutError('OOD_ONNX_REFUSED', `onnxruntime does not open it: ${(cause as Error).message}`, {
      fix: 'Export the classifier with the operators of ONNX alone.',
      cause,
    });
  }
}

/** Every output that is computed in single precision, in one axis: its shape need not be known. */
async function runRead(
  model: OnnxModel,
  shapes: readonly (readonly [string, Shape])[],
  feeds: Arrays,
): Promise<Arrays> {
  const tensors = model.trace(Object.fromEntries(shapes.map(([name, shape]) => [name, input(name, shape)])));
  const outputs = model.outputs.flatMap(({ name }) => {
    const tensor = tensors.get(name)!;
    return tensor.dtype === 'float32' ? [[name, tensor.reshape(['elements'])] as const] : [];
  });
  if (outputs.length === 0) return {};
  const session = await openSession(writeOnnx(Object.fromEntries(outputs)), { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

/** Numbers between −2 and 2, as normalised images have, always the same ones. */
function randomImages(shape: Shape, seed: number): NDArray {
  const sizes = shape.map((size) => (typeof size === 'number' ? size : images));
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

function check(name: string, { data: ours }: NDArray, { data: theirs }: NDArray): void {
  const difference = apart(Array.from(theirs, Number), Array.from(ours, Number));
  if (difference === undefined) return;
  throw new FaroutError(
    'OOD_ONNX_REFUSED',
    `its output "${name}" in a batch of ${images} is another than for single images: ${difference}`,
    {
      fix: 'Export it with a batch of any size; for PyTorch: torch.onnx.export(…, dynamic_axes={"image": {0: "batch"}}).',
    },
  );
}

/** Below this the largest number counts as this large: what is nearly zero may be all rounding. */
const smallest = 1e-2;

/** How numbers differ from what is expected; undefined where they agree. Infinities agree with their like, and so does NaN. */
export function apart(expected: readonly number[], found: readonly number[]): string | undefined {
  if (found.length !== expected.length) return `${found.length} numbers for an image, not ${expected.length}`;
  const differing = expected.flatMap((value, i) => (Object.is(value, found[i]) ? [] : [[value, found[i]!] as const]));
  const unlike = differing.find((pair) => !pair.every(Number.isFinite));
  if (unlike) return unlike.map(shown).reverse().join(' instead of ');
  const largest = expected.reduce(
    (most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0),
    smallest,
  );
  const furthest = differing.reduce((most, [value, other]) => Math.max(most, Math.abs(value - other)), 0);
  return furthest <= tolerance * largest ? undefined : `off by ${furthest.toPrecision(2)} of ${largest.toPrecision(2)}`;
}

const shown = (value: number) =>
  Number.isNaN(value) ? 'no number' : String(Number(value.toPrecision(3))).replace('Infinity', '∞');
