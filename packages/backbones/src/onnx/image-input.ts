import { FaroutError } from '@farout/core';
import type { OnnxModel, OnnxValue } from '@farout/onnx';
import type { Shape, Tensor } from '@farout/tensor';

/** The order of the axes of images: colours first, as in PyTorch, or last, as in TensorFlow. */
export type Layout = 'nchw' | 'nhwc';

/** The input that takes the images. */
export interface ImageInput {
  readonly name: string;
  /** Converts images, (N, 3, H, W), to the layout of this input. */
  readonly feed: (image: Tensor) => Tensor;
}

/** The accepted element types; float32 is converted to them. */
const precisions = ['float32', 'float64'];

/**
 * Finds the input of a network for images. Half precision is read as single precision.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when there are several inputs, or one that is not a batch of colour images of this size.
 */
export function imageInput({ inputs }: OnnxModel, wanted: Layout | undefined, crop: number): ImageInput {
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    const names = inputs.map(({ name }) => `"${name}"`).join(', ');
    throw refusal(`it has ${inputs.length} inputs${names && `, ${names}`}; an image classifier or encoder has one`);
  }
  checkKind(input);
  const layout = wanted ?? seenLayout(input);
  checkSizes(input, layout, crop);
  const { name, dtype = 'float32' } = input;
  return { name, feed: (image) => (layout === 'nhwc' ? image.transpose(0, 2, 3, 1) : image).cast(dtype) };
}

/** Reports what no choice of a layout could fix first. */
function checkKind({ name, shape, dtype }: OnnxValue): void {
  if (dtype !== undefined && !precisions.includes(dtype)) {
    throw refusal(
      `its input "${name}" is ${dtype}, not float32`,
      'Export it with a float32 input. Express its preprocessing of pixels from 0 to 255, such as dividing by 255, with "mean" and "std".',
    );
  }
  if (!shape) return;
  if (shape.length !== 4) throw refusal(`its input "${name}" is ${shown(shape)}, not a batch of images`);
  const channels = [shape[1], shape[3]];
  if (channels.every((size) => typeof size === 'number' && size !== 3)) {
    throw otherChannels(name, shape, Math.min(...(channels as number[])));
  }
}

/** Detects the axis with the three colours. */
function seenLayout({ name, shape }: OnnxValue): Layout {
  const [first, last] = [shape?.[1] === 3, shape?.[3] === 3];
  if (first !== last) return first ? 'nchw' : 'nhwc';
  throw refusal(
    `its input "${name}" is ${shown(shape)}, which does not show the axis of the colours`,
    'Set "layout: nchw" or "layout: nhwc".',
  );
}

function checkSizes({ name, shape }: OnnxValue, layout: Layout, crop: number): void {
  const axes = layout === 'nchw' ? [0, 1, 2, 3] : [0, 3, 1, 2];
  const [batch, channels, height, width] = axes.map((axis) => shape?.[axis]);
  if (typeof channels === 'number' && channels !== 3) throw otherChannels(name, shape!, channels);
  if (typeof batch === 'number' && batch !== 1) {
    throw refusal(
      `its input "${name}" is ${shown(shape)}: a fixed batch of ${batch} images`,
      'Export it for one image.',
    );
  }
  const sizes = [height, width].filter((size) => typeof size === 'number');
  if (new Set(sizes).size > 1) {
    throw refusal(
      `it takes images of ${height} × ${width} pixels, but only square images are supported`,
      'Export it for square images, such as torch.zeros(1, 3, 224, 224), or, if the network allows it, for any size: dynamic_axes={"image": {2: "height", 3: "width"}}.',
    );
  }
  const other = sizes.find((size) => size !== crop);
  if (other !== undefined) {
    throw refusal(`it takes images of ${height} × ${width} pixels, not ${crop} × ${crop}`, `Set "crop: ${other}".`);
  }
}

/** PyTorch code that converts three colours to other numbers of channels, if known. */
const fromColours: Readonly<Record<number, string>> = {
  1: 'image.mean(1, keepdim=True)',
  4: 'torch.cat([image, torch.ones_like(image[:, :1])], 1)',
};

const otherChannels = (name: string, shape: Shape, channels: number) =>
  refusal(
    `its input "${name}" is ${shown(shape)}: images of ${channels} channel${channels === 1 ? '' : 's'}, not of 3 colours`,
    `Export it together with a conversion from 3 channels to ${channels}: a module whose forward(image) gives network(${fromColours[channels] ?? '…'}), as the README of @farout/backbones shows.`,
  );

const shown = (shape: Shape | undefined) => (shape ? `(${shape.join(', ')})` : 'of unknown shape');

const refusal = (
  message: string,
  fix = 'Export an image classifier, or only the image encoder, that takes one batch of colour images.',
) => new FaroutError('OOD_ONNX_REFUSED', message, { fix });
