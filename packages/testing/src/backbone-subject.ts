import { StateDict, type Backbone, type BackboneDefinition, type BackboneFiles, type ImageRecipe } from '@farout/core';
import { readOnnx, writeOnnx } from '@farout/onnx';
import { openSession } from '@farout/runtime';
import { constant, input, type Dimension, type NDArray, type Tensor } from '@farout/tensor';
import type { Configured, Parameters } from './parameters.ts';
import { generatedNumbers } from './sample.ts';

/** A backbone under test, with the parameters and files it is tested with. */
export interface BackboneSubject extends Configured {
  readonly definition: BackboneDefinition;
  readonly params: Parameters & ImageRecipe;
  readonly files: CaseFiles;
  /** The names of its taps, as its case has them. */
  readonly taps: readonly string[];
  /** How many convolutions it offers, as its case says. */
  readonly convolutions: number;
}

/** A network, and the checkpoints that it was opened from. */
interface OpenedNetwork extends Backbone {
  readonly states: readonly StateDict[];
}

/** Opens the network; from copies of its files unless others are given. */
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

/** The symbol of normalised images of the side that the parameters say, float32 (N, 3, crop, crop). */
export const imageInput = ({ params: { crop } }: BackboneSubject): Tensor => input('image', ['N', 3, crop, crop]);

/** What a newly opened network makes of images: features (N, D). */
export const featuresOf = async (subject: BackboneSubject, images: NDArray): Promise<NDArray> =>
  (await featuresOfEach(subject, [images]))[0]!;

/** What one newly opened network makes of several batches, each by itself. */
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

/** How far float32 may take a whole network's features from equal ones, relative where they are larger than 1. */
export const networkRounding = 1e-5;

/** What a backbone finds under a path: the named arrays of a checkpoint, or the bytes of an ONNX file. */
export type CaseFile = Readonly<Record<string, NDArray>> | Uint8Array;

/** Files by their paths. Without any, every path is a checkpoint that holds whatever is asked of it. */
export type CaseFiles = Readonly<Record<string, CaseFile>> | undefined;

/** Whether a checkpoint was given, which a generated one that holds whatever is asked for is not. */
export const holdsCheckpoint = ({ files = {} }: BackboneSubject): boolean =>
  Object.values(files).some((file) => !isBytes(file));

/** Offers files as the host does. `onState` is told of every checkpoint that is opened. */
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

/** The same files in memory of their own. */
export const copyFiles = (files: CaseFiles): CaseFiles =>
  files && Object.fromEntries(Object.entries(files).map(([path, file]) => [path, copyFile(file)]));

const copyFile = (file: CaseFile): CaseFile =>
  isBytes(file)
    ? new Uint8Array(file)
    : Object.fromEntries(Object.entries(file).map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]));

const isBytes = (file: CaseFile): file is Uint8Array => file instanceof Uint8Array;

/** Of an axis whose size the file may choose. */
const chosenSize = 10;

/**
 * A checkpoint that holds whatever parameter is asked for. Matrices and kernels are drawn with variance 4/3 / (inputs of a
 * unit): less than the 2 of He et al., as the vectors, between ½ and 1½ so that they do for a variance too, make up for it
 * where they are a normalisation's; a deep network keeps its range. The same name and shape give the same numbers.
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

  /** It has neither too much nor too little. */
  override finish(): void {
    return;
  }
}

/** What was drawn: a network is opened for every check, and to draw a deep one's millions takes longer than to run it. */
const drawn = new Map<string, Float32Array>();

/** A parameter's numbers in memory of their own; `inputs` of a unit, 0 for a vector. */
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
