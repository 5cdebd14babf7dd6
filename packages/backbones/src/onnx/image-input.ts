import { FaroutError } from '@farout/core';
import type { OnnxModel, OnnxValue, Shape, Tensor } from '@farout/tensor';

/** The order of the axes of images: colours first, as PyTorch has them, or last, as TensorFlow has them. */
export type Layout = 'nchw' | 'nhwc';

/** The input that takes the images. */
export interface ImageInput {
  readonly name: string;
  /** Images, (N, 3, H, W), as this input wants them. */
  readonly feed: (image: Tensor) => Tensor;
}

/**
 * Where images enter a network.
 *
 * @throws FaroutError OOD_ONNX_REFUSED when there are several inputs, or one that is no batch of colour images of this size.
 */
export function imageInput({ inputs }: OnnxModel, wanted: Layout | undefined, crop: number): ImageInput {
  const [input] = inputs;
  if (!input || inputs.length > 1) {
    const names = inputs.map(({ name }) => `"${name}"`).join(', ');
    throw refusal(`it has ${inputs.length} inputs${names && `, ${names}`}; an image classifier has one`);
  }
  const layout = wanted ?? seenLayout(input);
  check(input, layout, crop);
  return { name: input.name, feed: (image) => (layout === 'nhwc' ? image.transpose(0, 2, 3, 1) : image) };
}

/** Where the three colours are. */
function seenLayout({ name, shape }: OnnxValue): Layout {
  const [first, last] = [shape?.[1] === 3, shape?.[3] === 3];
  if (first !== last) return first ? 'nchw' : 'nhwc';
  throw refusal(
    `its input "${name}" is ${shown(shape)}, which does not tell where the colours are`,
    'Say "layout: nchw" or "layout: nhwc".',
  );
}

function check({ name, shape, dtype }: OnnxValue, layout: Layout, crop: number): void {
  const axes = layout === 'nchw' ? [0, 1, 2, 3] : [0, 3, 1, 2];
  const [batch, channels, height, width] = axes.map((axis) => shape?.[axis]);
  if (dtype !== undefined && dtype !== 'float32') throw refusal(`its input "${name}" is ${dtype}, not float32`);
  if (shape && shape.length !== 4) throw refusal(`its input "${name}" is ${shown(shape)}, no batch of images`);
  if (typeof channels === 'number' && channels !== 3) {
    throw refusal(`its input "${name}" is ${shown(shape)}: images of ${channels} channels, not of 3 colours`);
  }
  if (typeof batch === 'number' && batch !== 1) {
    throw refusal(
      `its input "${name}" is ${shown(shape)}: a fixed batch of ${batch} images`,
      'Export it for one image.',
    );
  }
  const other = [height, width].find((size) => typeof size === 'number' && size !== crop);
  if (other !== undefined) {
    throw refusal(`it takes images of ${height} × ${width} pixels, not ${crop} × ${crop}`, `Say "crop: ${other}".`);
  }
}

const shown = (shape: Shape | undefined) => (shape ? `(${shape.join(', ')})` : 'of unknown shape');

const refusal = (message: string, fix = 'Export an image classifier that takes one batch of colour images.') =>
  new FaroutError('OOD_ONNX_REFUSED', message, { fix });
