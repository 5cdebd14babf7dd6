import { FaroutError } from '@farout/core';
import type { Dimension, Tensor } from '@farout/tensor';
import { readHead, type FileHead } from '../head-file.ts';
import { fromImage, type Chosen, type Traced } from './choose-output.ts';

/** The parameters for an encoder and its last layer. */
export interface EncoderParameters {
  readonly output?: string | undefined;
  readonly head: string;
  readonly scale?: number | undefined;
}

/** An encoder with its head, described like a classifier in a file. */
export type Encoder = Pick<Chosen, 'features' | 'featuresName' | 'axis' | 'weight' | 'bias' | 'output' | 'notes'>;

/**
 * Opens an encoder, whose features are an output of the file, with a last layer from another file. `scale` multiplies W and b, like CLIP's
 * temperature.
 *
 * @throws FaroutError OOD_ARRAY_INVALID for a head of the wrong kind or width; OOD_ONNX_REFUSED when no output is an embedding, or several
 *   are possible and none is named.
 */
export async function openEncoder(traced: Traced, { output, head, scale = 1 }: EncoderParameters): Promise<Encoder> {
  const { weight, bias, notes } = await readHead(head);
  const { name, tensor, others } = chooseEmbedding(traced, output, { file: head, weight });
  const left = others.map((each) => `"${each}"`).join(', ');
  const chosen = `The output "${name}" is used as the features; ${left} ${others.length > 1 ? 'are' : 'is'} not.`;
  return {
    features: tensor,
    featuresName: name,
    axis: 1,
    weight: scaled(weight, scale),
    bias: scaled(bias, scale),
    output: { name, of: 'features' },
    notes: [...notes, ...(left !== '' && output === undefined ? [chosen] : [])],
  };
}

const scaled = ({ data, shape }: FileHead['weight'], scale: number) => ({
  data: data.map((value) => value * scale),
  shape,
});

interface Output {
  readonly name: string;
  readonly tensor: Tensor;
  /** D, if it is a row of numbers per image; undefined if it is something else or its shape is unknown. */
  readonly width: number | undefined;
}

interface HeadOfFile {
  readonly file: string;
  readonly weight: FileHead['weight'];
}

/** The named output, or the only one that is a row of as many numbers per image as the head reads. */
function chooseEmbedding(
  { model, tensors, batch }: Traced,
  wanted: string | undefined,
  head: HeadOfFile,
): { readonly name: string; readonly tensor: Tensor; readonly others: readonly string[] } {
  const outputs = model.outputs.flatMap(({ name }): Output[] => {
    const tensor = tensors.get(name);
    return tensor && fromImage(tensor) ? [{ name, tensor, width: widthOf(tensor, batch) }] : [];
  });
  const asked = wanted === undefined ? outputs : outputs.filter(({ name }) => name === wanted);
  if (asked.length === 0) throw unknownOutput(wanted, outputs);
  // An output of unknown shape is assumed to be what the head reads; the comparison with the file checks it.
  const rows = asked.filter(({ tensor, width }) => width !== undefined || !tensor.hasShape);
  if (rows.length === 0) throw noEmbedding(asked);
  const fitting = rows.filter(({ width }) => width === undefined || width === head.weight.shape[1]);
  if (fitting.length === 0) throw otherWidth(rows, head);
  if (fitting.length > 1) throw ambiguous(fitting);
  const [{ name, tensor }] = fitting as [Output];
  return { name, tensor, others: outputs.map((each) => each.name).filter((each) => each !== name) };
}

/** (batch, D), or with spatial axes of size 1. */
function widthOf(tensor: Tensor, batch: Dimension): number | undefined {
  if (!tensor.hasShape || tensor.dtype !== 'float32') return undefined;
  const [images, width, ...places] = tensor.shape;
  const isRow = images === batch && typeof width === 'number' && places.every((size) => size === 1);
  return isRow ? width : undefined;
}

const shown = ({ name, tensor }: Output) =>
  `"${name}" is ${tensor.dtype} ${tensor.hasShape ? `(${tensor.shape.join(', ')})` : 'of unknown shape'}`;

const choicesOf = (outputs: readonly Output[]) => ({ title: 'Outputs', names: outputs.map(({ name }) => name) });

const unknownOutput = (wanted: string | undefined, outputs: readonly Output[]) =>
  wanted === undefined
    ? new FaroutError('OOD_ONNX_REFUSED', 'none of its outputs depends on the image', { fix: exportEncoder })
    : new FaroutError('OOD_ONNX_REFUSED', `it has no output "${wanted}"`, {
        fix: 'Set "output" to one of its outputs.',
        choices: choicesOf(outputs),
      });

const exportEncoder = 'Export the image encoder with its embedding as an output: one row of numbers per image, (N, D).';

const noEmbedding = (outputs: readonly Output[]) =>
  new FaroutError(
    'OOD_ONNX_REFUSED',
    `none of its outputs is an embedding, float32 (N, D), that the head can read: ${outputs.map(shown).join('; ')}`,
    { fix: exportEncoder },
  );

function otherWidth(rows: readonly Output[], { file, weight: { shape } }: HeadOfFile) {
  const [classes, width] = shape as [number, number];
  const turned = rows.some((row) => row.width === classes);
  return new FaroutError(
    'OOD_ARRAY_INVALID',
    `${file}: its weights (${shape.join(', ')}) take ${width} numbers per image, but ${rows.map(shown).join('; ')}`,
    {
      fix: turned
        ? `Save the transpose, one row per class: (${width}, ${classes}).`
        : 'Use the head that belongs to this encoder, and the output that it reads.',
    },
  );
}

const ambiguous = (outputs: readonly Output[]) =>
  new FaroutError(
    'OOD_ONNX_REFUSED',
    `it has several outputs that the head could read: ${outputs.map(shown).join('; ')}`,
    {
      fix: `Choose the embedding, for example "output: ${outputs[0]!.name}".`,
      choices: choicesOf(outputs),
    },
  );
