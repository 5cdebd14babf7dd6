import { StateDict, type Backbone, type BackboneDefinition, type BackboneFiles, type ImageRecipe } from '@farout/core';
import { readOnnx } from '@farout/onnx';
import { evaluate } from '@farout/runtime';
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
export async function featuresOf(subject: BackboneSubject, images: NDArray): Promise<NDArray> {
  const { features } = await openNetwork(subject);
  return (await evaluate({ features: features(imageInput(subject)) }, { image: images })).features!;
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
    const reach = Math.sqrt(4 / inputs);
    const data = new Float32Array((shape[0] ?? 1) * inputs);
    const draw = generatedNumbers(hash(name));
    for (let i = 0; i < data.length; i++) data[i] = shape.length > 1 ? reach * (2 * draw() - 1) : 0.5 + draw();
    return constant({ data, shape }, name);
  }

  /** It has neither too much nor too little. */
  override finish(): void {
    return;
  }
}

const hash = (name: string) => Buffer.from(name).reduce((sum, byte) => Math.imul(sum, 31) + byte, 7);
