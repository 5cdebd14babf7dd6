import { StateDict, type Backbone, type BackboneDefinition, type BackboneFiles, type ImageRecipe } from '@farout/core';
import { readOnnx, writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import { constant, input, type Dimension, type NDArray, type Tensor } from '@farout/tensor';
import type { Configured, Parameters } from './parameters.ts';
import { generatedNumbers } from './sample.ts';

/** A backbone under test, with its parameters and files. */
export interface BackboneSubject extends Configured {
  readonly definition: BackboneDefinition;
  readonly params: Parameters & ImageRecipe;
  readonly files: CaseFiles;
  /** The names of its taps, from its case. */
  readonly taps: readonly string[];
  /** The number of convolutions it offers, from its case. */
  readonly convolutions: number;
}

/** A network, and the checkpoints it was opened from. */
interface OpenedNetwork extends Backbone {
  readonly states: readonly StateDict[];
}

/** Opens the network, by default from copies of its files. */
export async function openNetwork(
  { definition, params, files }: BackboneSubject,
  opened: CaseFiles = copyFiles(files),
): Promise<OpenedNetwork> {
  const states: StateDict[] = [];
  const network = await definition.open(
    params,
    offerFiles(opened, (state) => states.push(state)),
  );
  return { ...network, states };
}

/** The symbolic input of normalised images, with the side from the parameters, float32 (N, 3, crop, crop). */
export const imageInput = ({ params: { crop } }: BackboneSubject): Tensor => input('image', ['N', 3, crop, crop]);

/** The features (N, D) of images from a newly opened network. */
export const featuresOf = async (subject: BackboneSubject, images: NDArray): Promise<NDArray> =>
  (await featuresOfEach(subject, [images]))[0]!;

/** The features of several batches, each on its own, from one newly opened network. */
export async function featuresOfEach(subject: BackboneSubject, batches: readonly NDArray[]): Promise<NDArray[]> {
  const { features } = await openNetwork(subject);
  const session = await openSession(writeOnnx({ features: features(imageInput(subject)) }), { threads: 1 });
  try {
    const found: NDArray[] = [];
    for (const image of batches) found.push((await session.run({ image })).features!);
    return found;
  } finally {
    await session.release();
  }
}

/** The float32 tolerance for the features of a whole network, relative if they are larger than 1. */
export const networkRounding = 1e-5;

/** The content of a file: the named arrays of a checkpoint, or the bytes of an ONNX file. */
export type CaseFile = Readonly<Record<string, NDArray>> | Uint8Array;

/** Files by path. If undefined, every path is a checkpoint that contains whatever parameter is asked for. */
export type CaseFiles = Readonly<Record<string, CaseFile>> | undefined;

/** Whether the case has a real checkpoint, not a generated one that contains whatever is asked for. */
export const holdsCheckpoint = ({ files = {} }: BackboneSubject): boolean =>
  Object.values(files).some((file) => !isBytes(file));

/** Offers files as the host does, and calls `onState` for every opened checkpoint. */
const offerFiles = (files: CaseFiles, onState: (state: StateDict) => void): BackboneFiles => ({
  stateDict: (path) => {
    const state = files
      ? new StateDict(new Map(Object.entries(checkpoint(files, path))), path)
      : new GeneratedStateDict();
    onState(state);
    return Promise.resolve(state);
  },
  onnx: (path) => readOnnx(bytes(files ?? {}, path)),
});

function checkpoint(files: NonNullable<CaseFiles>, path: string): Exclude<CaseFile, Uint8Array> {
  const file = files[path];
  if (file && !isBytes(file)) return file;
  throw new TypeError(`the case has no checkpoint "${path}"`);
}

function bytes(files: NonNullable<CaseFiles>, path: string): Uint8Array {
  const file = files[path];
  if (file && isBytes(file)) return file;
  throw new TypeError(`the case has no ONNX file "${path}"`);
}

/** A deep copy of the files. */
export const copyFiles = (files: CaseFiles): CaseFiles =>
  files && Object.fromEntries(Object.entries(files).map(([path, file]) => [path, copyFile(file)]));

const copyFile = (file: CaseFile): CaseFile =>
  isBytes(file)
    ? new Uint8Array(file)
    : Object.fromEntries(Object.entries(file).map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]));

const isBytes = (file: CaseFile): file is Uint8Array => file instanceof Uint8Array;

/** The size of an axis whose size the file determines. */
const chosenSize = 10;

/**
 * A checkpoint that contains whatever parameter is asked for. Matrices and kernels are drawn with variance 4/3 / (inputs of a unit), less
 * than the 2 of He et al. Vectors are between ½ and 1½, so that they can serve as variances; where they belong to a normalisation, they
 * make up for the difference, and a deep network keeps its range. The same name and shape give the same numbers.
 */
export class GeneratedStateDict extends StateDict {
  constructor() {
    super(new Map(), 'generated');
  }

  override take(name: string, wanted: readonly (Dimension | undefined)[]): Tensor {
    const shape = wanted.map((size) => (typeof size === 'number' ? size : chosenSize));
    const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
    return constant({ data: numbersOf(name, (shape[0] ?? 1) * inputs, shape.length > 1 ? inputs : 0), shape }, name);
  }

  /** A generated checkpoint always fits. */
  override finish(): void {
    return;
  }
}

/** A cache of drawn numbers: every check opens a network, and drawing the millions of a deep one takes longer than running it. */
const drawn = new Map<string, Float32Array>();

/** A copy of a parameter's numbers; `inputs` of a unit, 0 for a vector. */
function numbersOf(name: string, count: number, inputs: number): Float32Array {
  const key = `${name} ${count} ${inputs}`;
  const numbers = drawn.get(key) ?? new Float32Array(count);
  if (!drawn.has(key)) {
    const reach = Math.sqrt(4 / inputs);
    const draw = generatedNumbers(hash(name));
    for (let i = 0; i < count; i++) numbers[i] = inputs > 0 ? reach * (2 * draw() - 1) : 0.5 + draw();
    drawn.set(key, numbers);
  }
  return numbers.slice();
}

const hash = (name: string) => Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7);
