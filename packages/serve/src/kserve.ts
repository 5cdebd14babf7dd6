import { z, type RawPixels } from '@farout/core';
import type { Description, Verdict } from '@farout/deploy';
import { limits } from './limits.ts';
import type { RequestImage } from './messages.ts';
import { numberOf } from './numbers.ts';
import { Problem } from './problems.ts';

/** A tensor description of the protocol; −1 is an open size. */
interface TensorMetadata {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
}

/** The possible inputs of a model: a request uses one of them. */
const inputs = [
  /** Files of images, base64. */
  { name: 'image', datatype: 'BYTES', shape: [-1] },
  /** Red, green, blue of each pixel, at any size: farout resizes them like files. */
  { name: 'rgb', datatype: 'UINT8', shape: [-1, -1, -1, 3] },
] as const satisfies readonly TensorMetadata[];

/** An output, and its value for an image. */
interface Output extends TensorMetadata {
  readonly of: (verdict: Verdict) => unknown;
}

const outputs: readonly Output[] = [
  { name: 'score', datatype: 'FP32', shape: [-1], of: ({ score }) => numberOf(score) },
  { name: 'is_in_distribution', datatype: 'BOOL', shape: [-1], of: ({ isInDistribution }) => isInDistribution },
  { name: 'class', datatype: 'INT32', shape: [-1], of: (verdict) => verdict.class },
  { name: 'probability', datatype: 'FP32', shape: [-1], of: ({ probability }) => numberOf(probability) },
  { name: 'lower', datatype: 'FP64', shape: [-1], of: ({ lower }) => lower },
  { name: 'p', datatype: 'FP64', shape: [-1], of: ({ p }) => p },
];
const label: Output = { name: 'label', datatype: 'BYTES', shape: [-1], of: (verdict) => verdict.label ?? '' };

const outputsOf = ({ labels }: Pick<Description, 'labels'>) => (labels ? [...outputs, label] : outputs);

/** The model metadata of the protocol. */
export const modelMetadata = (name: string, version: string, description: Pick<Description, 'labels'>) => ({
  name,
  versions: [version],
  platform: 'onnx_farout',
  inputs,
  outputs: outputsOf(description).map(({ name: output, datatype, shape }) => ({ name: output, datatype, shape })),
});

const parameters = z.record(z.string(), z.unknown()).optional();
const inferenceRequest = z.looseObject({
  id: z.string().max(1024).optional(),
  parameters,
  inputs: z
    .array(
      z.looseObject({
        name: z.string(),
        datatype: z.string(),
        shape: z.array(z.int().min(0)).max(limits.jsonDepth),
        parameters,
        data: z.custom<readonly unknown[]>(Array.isArray, 'expected a list'),
      }),
    )
    .length(1, 'expected one input'),
  outputs: z
    .array(z.looseObject({ name: z.string(), parameters }))
    .max(32)
    .optional(),
});

type Input = z.output<typeof inferenceRequest>['inputs'][number];

/** A validated inference request. */
export interface Inference {
  readonly id: string | undefined;
  readonly images: readonly RequestImage[];
  /** The requested outputs; default: all. */
  readonly outputs: readonly string[] | undefined;
}

/**
 * The images of an inference request. Compares the tensor's shape with the data before allocating anything.
 *
 * @throws Problem OOD_SERVE_REQUEST, OOD_SERVE_TOO_LARGE, OOD_IMAGE_UNREADABLE for an image of too many bytes or pixels.
 */
export function readInference(
  document: unknown,
  description: Pick<Description, 'labels'>,
  maxPixels: number,
): Inference {
  const { data, error } = inferenceRequest.safeParse(document);
  if (!data) throw refused(`${error.issues[0]!.path.join('.') || 'the request'}: ${error.issues[0]!.message}`);
  const names = data.outputs?.map(({ name }) => name);
  const unknown = names?.find((name) => !outputsOf(description).some((output) => output.name === name));
  if (unknown !== undefined) throw refused(`there is no output ${quoted(unknown)}`);
  return { id: data.id, images: imagesOf(data.inputs[0]!, maxPixels), outputs: names };
}

function imagesOf(input: Input, maxPixels: number): RequestImage[] {
  const { name, datatype, shape } = input;
  const known = inputs.find((each) => each.name === name);
  if (!known) throw refused(`there is no input ${quoted(name)}: ${inputs.map((each) => each.name).join(' or ')}`);
  if (datatype !== known.datatype) throw refused(`${name} is of ${known.datatype}, not ${quoted(datatype)}`);
  const fits =
    shape.length === known.shape.length && known.shape.every((size, at) => size === -1 || size === shape[at]);
  if (!fits) throw refused(`${name} has the shape (${known.shape.join(', ')}), not (${shape.join(', ')})`);
  if (shape.includes(0)) throw refused(`${name} has the shape (${shape.join(', ')}): it has no images`);
  if (shape[0]! > limits.images)
    throw new Problem('OOD_SERVE_TOO_LARGE', `${shape[0]!} images are more than ${limits.images}`);
  return known.name === 'image' ? filesOf(input) : pixelsOf(input, maxPixels);
}

function filesOf({ data, shape: [count] }: Input): Uint8Array[] {
  if (data.length !== count) throw refused(`image has ${data.length} elements, its shape says ${count!}`);
  return data.map((text, at) => {
    if (typeof text !== 'string') throw refused(`element ${at} of image is not text`);
    return bytesOf(text, at);
  });
}

function bytesOf(base64: string, at: number): Uint8Array {
  const length = (base64.length / 4) * 3 - /={0,2}$/.exec(base64)![0].length;
  if (length > limits.imageBytes)
    throw new Problem('OOD_IMAGE_UNREADABLE', `image ${at} has ${length} bytes, more than ${limits.imageBytes}`);
  const bytes = Buffer.from(base64, 'base64');
  // What is no base64 is left out of the bytes.
  if (bytes.length !== length) throw refused(`element ${at} of image is not base64`);
  return bytes;
}

function pixelsOf({ data, shape }: Input, maxPixels: number): RawPixels[] {
  const [count, height, width] = shape as [number, number, number];
  if (height * width > maxPixels)
    throw new Problem('OOD_IMAGE_UNREADABLE', `the image has ${width} × ${height} pixels, more than ${maxPixels}`);
  const length = height * width * 3;
  const isFlat = !Array.isArray(data[0]);
  if (isFlat && data.length !== count * length)
    throw refused(`rgb has ${data.length} elements, its shape says ${count * length}`);
  if (!isFlat) checkNested(data, shape);
  const pixels = new Uint8Array(count * length);
  let to = 0;
  const fill = (value: unknown): void => {
    if (Array.isArray(value)) for (const each of value) fill(each);
    else if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 255)
      throw refused(`element ${to} of rgb is not an integer from 0 to 255`);
    else pixels[to++] = value as number;
  };
  fill(data);
  return Array.from({ length: count }, (_, at) => ({
    data: pixels.subarray(at * length, (at + 1) * length),
    shape: [height, width, 3],
  }));
}

/** Nested lists must have the lengths given by the shape. */
function checkNested(list: readonly unknown[], [length, ...inner]: readonly number[]): void {
  if (list.length !== length) throw refused(`a list of rgb has ${list.length} elements, its shape says ${length!}`);
  for (const each of list) {
    if (Array.isArray(each) !== inner.length > 0) throw refused('the nesting of rgb does not match its shape');
    if (inner.length > 0) checkNested(each as unknown[], inner);
  }
}

/** The response to an inference request. */
export const inferenceResponse = (
  { id, outputs: names }: Inference,
  verdicts: readonly Verdict[],
  { name, version, description }: { name: string; version: string; description: Pick<Description, 'labels'> },
) => ({
  model_name: name,
  model_version: version,
  ...(id !== undefined && { id }),
  outputs: outputsOf(description)
    .filter((output) => names?.includes(output.name) ?? true)
    .map((output) => ({
      name: output.name,
      datatype: output.datatype,
      shape: [verdicts.length],
      data: verdicts.map((verdict) => output.of(verdict)),
    })),
});

const refused = (detail: string) => new Problem('OOD_SERVE_REQUEST', detail);

/** A quoted, truncated name from a request: refusals must not echo megabytes. */
const quoted = (name: string) => JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
