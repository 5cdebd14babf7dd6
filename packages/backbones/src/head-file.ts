import path from 'node:path';
import { arrayNames, openArray } from '@farout/checkpoints';
import { FaroutError } from '@farout/core';

/** A float32 array. */
export interface FloatArray {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** A last layer from files. */
export interface FileHead {
  /** W, (K, D). */
  readonly weight: FloatArray;
  /** b, (K). */
  readonly bias: FloatArray;
  /** Sentences for the user. */
  readonly notes: readonly string[];
}

/**
 * Reads a last layer from one file: text embeddings, W alone, or a linear probe, W and b. W is the array of a .npy file; in .npz and
 * safetensors files it is the array named `weight`, or the only one. b is the array named `bias` there, or zeros if there is none.
 *
 * @throws FaroutError OOD_MISSING_FILE; OOD_ARRAY_INVALID when the file is damaged, lacks the array, or does not contain (K, D) and (K) of
 *   at least two classes.
 */
export async function readHead(file: string): Promise<FileHead> {
  const names = await arrayNames(file);
  const [only] = names;
  const called = names.length === 1 ? only! : 'weight';
  const bias = names.includes('bias') && called !== 'bias' ? await wholeArray(file, 'bias') : undefined;
  const head = headOf({ file, array: await wholeArray(file, called) }, bias && { file, array: bias });
  const left = names.filter((name) => name !== called && name !== 'bias').map((name) => `"${name}"`);
  const note = `${path.basename(file)}: ignored: ${left.join(', ')}.`;
  return { ...head, notes: left.length > 0 ? [note] : [] };
}

/** An array and the file it comes from. */
interface Read {
  readonly file: string;
  readonly array: FloatArray;
}

/**
 * W and b as a last layer; b is zero if absent.
 *
 * @throws FaroutError OOD_ARRAY_INVALID when they are not (K, D) and (K) of at least two classes.
 */
export function headOf(weight: Read, bias: Read | undefined): Pick<FileHead, 'weight' | 'bias'> {
  const [classes, width, ...more] = weight.array.shape as [number, number?, ...number[]];
  if (width === undefined || width === 0 || more.length > 0) throw noRows(weight);
  if (classes < 2) throw oneClass(weight);
  const found = bias?.array ?? { data: new Float32Array(classes), shape: [classes] };
  if (found.shape.length !== 1 || found.shape[0] !== classes) throw otherBias(bias!, weight.array);
  return { weight: weight.array, bias: found };
}

/** Reads a whole array from a file, as float32. Throws as `openArray` does. */
export async function wholeArray(file: string, name: string): Promise<FloatArray> {
  const array = await openArray(file, name);
  const { data, shape } = await array.read(0, array.shape[0]!);
  return { data: Float32Array.from(data as ArrayLike<number>, Number), shape };
}

const shown = ({ shape }: Pick<FloatArray, 'shape'>) => `(${shape.join(', ')})`;

const noRows = ({ file, array }: Read) =>
  new FaroutError('OOD_ARRAY_INVALID', `${file}: its weights are ${shown(array)}, not a matrix`, {
    fix: 'Save one row per class, weights or a text embedding: (K, D).',
  });

const oneClass = ({ file, array }: Read) =>
  new FaroutError('OOD_ARRAY_INVALID', `${file}: its weights are ${shown(array)}, fewer than two classes`, {
    fix: 'Add a second class with logit 0 to a one-number probe; its softmax is the sigmoid: weight = concatenate([zeros_like(w), w]), bias = concatenate([zeros_like(b), b]).',
  });

const otherBias = ({ file, array }: Read, weight: FloatArray) =>
  new FaroutError('OOD_ARRAY_INVALID', `${file}: its bias is ${shown(array)}, but the weights are ${shown(weight)}`, {
    fix: `Save one number per class: (${weight.shape[0]!}).`,
  });
