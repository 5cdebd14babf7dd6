import { FaroutError } from '@farout/core';
import { writeOnnxParts, type OnnxModel } from '@farout/onnx';
import type { Arrays } from '@farout/runtime';
import { input, type NDArray, type Shape, type Tensor } from '@farout/tensor';
import { openGraphApart, orRefuse, type ForeignFiles } from '../extraction/trials.ts';

/** How many images are compared. More than one, or a batch dimension mistaken for pixels would not be noticed. */
const images = 2;

/** A network as read from a file, and the inputs it was last applied to. */
export interface ReadModel {
  readonly file: string;
  readonly model: OnnxModel;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

/** The outputs of a file for images, one by one. */
export interface FileResults {
  readonly feeds: Arrays;
  readonly outputs: readonly Arrays[];
}

/**
 * Runs a file by onnxruntime alone, in a separate process, on random images one by one.
 *
 * @throws FaroutError OOD_ONNX_REFUSED if onnxruntime does not open or run it, or crashes.
 */
export async function runFile({ file, inputs }: ReadModel, files: ForeignFiles): Promise<FileResults> {
  const feeds = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }], i) => [name, randomImages(shape, i + 1)]),
  );
  const session = await files.open(file);
  const outputs: Arrays[] = [];
  for (let index = 0; index < images; index++) {
    const single = Object.fromEntries(Object.entries(feeds).map(([name, array]) => [name, imageAt(array, index)]));
    outputs.push(await orRefuse('onnxruntime cannot run it', () => session.run(single)));
  }
  return { feeds, outputs };
}

/**
 * Compares a network as read with the outputs of its file. Runs it on all images at once, unless it takes them one by one.
 * Files for single images are converted to batches by rules that cannot know their meaning; errors in that are found here.
 *
 * @throws FaroutError OOD_ONNX_REFUSED if an output differs.
 */
export async function compareWithFile({ model, inputs }: ReadModel, { feeds, outputs }: FileResults): Promise<void> {
  const given = Object.entries(inputs).map(([name, { shape, dtype }]) => [name, input(name, shape, dtype)] as const);
  const tensors = model.trace(Object.fromEntries(given));
  const compared = model.outputs.flatMap(({ name }) => {
    const tensor = tensors.get(name);
    // Flattened, because its shape need not be known.
    return tensor?.dtype === 'float32' ? [[name, tensor.reshape(['elements'])] as const] : [];
  });
  if (compared.length === 0) return;
  const graph = writeOnnxParts(Object.fromEntries(compared));
  const session = await orRefuse("onnxruntime cannot open farout's version of it", () => openGraphApart(graph, 'cpu'));
  const run = (part: Arrays) => orRefuse("onnxruntime cannot run farout's version of it", () => session.run(part));
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

/** Numbers between −2 and 2, like those of normalised images; the same each time. */
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
  // The logarithm of a softmax changes by at most twice as much as the logits do.
  const steps = tolerated.steps + 2 * tolerated.logitSteps;
  const difference = apart(Array.from(theirs, Number), Array.from(ours, Number), { ...tolerated, steps });
  if (difference !== undefined) throw unlike(name, difference);
}

/** Lower bound of the scale for comparison: numbers near zero may be nothing but rounding errors. */
const smallest = 1e-2;

/** A logit below this masks its class, and does not count towards the scale of the others. */
const masked = -1e4;

/** How numbers differ from the expected ones; undefined if they agree. Equal infinities agree, and so do NaNs. */
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
  // Negated, so that a NaN counts as a difference.
  const far = distances.findIndex((distance, i) => !within(distance, i));
  return far < 0 ? undefined : `${shown(found[far]!)} instead of ${shown(expected[far]!)}`;
}

const shown = (value: number) => (Number.isNaN(value) ? 'no number' : value.toPrecision(4).replace('Infinity', '∞'));

const unlike = (name: string, how: string) =>
  new FaroutError('OOD_ONNX_REFUSED', `its output "${name}" differs here from onnxruntime alone: ${how}`, {
    fix: 'Export it again, in another operator set, and without random operators: for PyTorch, after network.eval().',
  });

/** Tolerance relative to the largest number; summing in another order changes about 10⁻⁶. */
const usual = 1e-3;

/** The same if the file computes in half precision, which rounds every number to one part in 2,048. */
const ofHalves = 2e-2;

/** How far the file's numbers may differ from ours. */
export interface Tolerance {
  /** As a share of the largest number. */
  readonly share: number;
  /** In addition, if the file rounds to eight bits: two steps of its output. */
  readonly steps: number;
  /** In addition: two steps of the logits from which a final softmax or sigmoid is computed. */
  readonly logitSteps: number;
}

/** How far an output may differ from ours, which rounds logits elsewhere or not at all. */
export function toleranceOf(model: OnnxModel, output: string): Tolerance {
  const { steps, logitSteps } = new Rounding(model).of(output);
  return { share: model.halves ? ofHalves : usual, steps: 2 * steps, logitSteps: 2 * logitSteps };
}

type Steps = Pick<Tolerance, 'steps' | 'logitSteps'>;
const exact: Steps = { steps: 0, logitSteps: 0 };

/** Operators whose results lie between 0 and 1, or their logarithms, and grow no faster than their input. */
const activations = new Set(['Softmax', 'LogSoftmax', 'Sigmoid']);

/** Operators that rearrange or shift numbers: differences between them stay the same. */
const shifts = new Set([
  'Identity',
  'Cast',
  'Flatten',
  'Reshape',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Slice',
  'Gather',
]);

/** Operators with several operands, whose rounding errors at most add up. */
const sums = new Set(['Add', 'Sub', 'Sum', 'Mean', 'Concat', 'Where']);

/** The distance between the eight-bit numbers from which an output is computed, in the output's own units. */
class Rounding {
  readonly #model: OnnxModel;
  readonly #producers: ReadonlyMap<string, OnnxModel['nodes'][number]>;

  constructor(model: OnnxModel) {
    this.#model = model;
    this.#producers = new Map(model.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  }

  of(name: string): Steps {
    const node = this.#producers.get(name);
    if (!node) return exact;
    const { type, inputs } = node;
    const [first, second] = inputs as [string, string?];
    if (sums.has(type)) return inputs.map((input) => this.of(input)).reduce(added, exact);
    if (type === 'DequantizeLinear') return added({ steps: this.#largest(second), logitSteps: 0 }, this.of(first));
    if (type === 'QuantizeLinear' || shifts.has(type)) return this.of(first);
    if (activations.has(type)) return { steps: 0, logitSteps: this.of(first).steps };
    return scaled(...this.#factor(node));
  }

  /** The input of a node that scales numbers, and its largest factor. */
  #factor({ type, inputs, attributes }: OnnxModel['nodes'][number]): [Steps, number] {
    const [first, second] = inputs as [string, string?];
    switch (type) {
      case 'Mul':
        return this.#array(first) ? [this.of(second!), this.#largest(first)] : [this.of(first), this.#largest(second)];
      case 'Div':
        return [this.of(first), largestOf(this.#array(second), (each) => 1 / each)];
      case 'BatchNormalization':
        return [this.of(first), this.#normalisation(inputs, attributes.epsilon)];
      default:
        return [exact, 0];
    }
  }

  /** γ / √(σ² + ε), the largest value. */
  #normalisation([, scale, , , variance]: readonly string[], epsilon: unknown): number {
    const { float = 1e-5 } = (epsilon ?? {}) as { readonly float?: number };
    const variances = this.#array(variance)?.data;
    return largestOf(this.#array(scale), (each, i) => each / Math.sqrt(Number(variances?.[i] ?? Infinity) + float));
  }

  #largest(name: string | undefined): number {
    return largestOf(this.#array(name), (each) => each);
  }

  #array(name: string | undefined): NDArray | undefined {
    return this.#model.constants.get(name ?? '');
  }
}

const largestOf = (array: NDArray | undefined, change: (value: number, i: number) => number): number =>
  Array.from(array?.data ?? [], Number)
    .map((value, i) => Math.abs(change(value, i)))
    .reduce((most, each) => Math.max(most, each), 0);

const added = (a: Steps, b: Steps): Steps => ({
  steps: a.steps + b.steps,
  logitSteps: a.logitSteps + b.logitSteps,
});

const scaled = ({ steps, logitSteps }: Steps, factor: number): Steps => ({
  steps: steps === 0 ? 0 : steps * factor,
  logitSteps,
});
