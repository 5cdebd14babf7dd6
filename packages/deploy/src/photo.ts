import type { ImageRecipe } from '@farout/core';
import { concat, constant, input, type Dimension, type Tensor } from '@farout/tensor';
import { apply, int64, layout, type Operator } from '@farout/tensor/graph';

/** The input name of files that take photographs. */
export const photoInput = 'photo';

/** The part of a recipe that decides which pixels of a photograph are used. */
type Cut = Pick<ImageRecipe, 'resize' | 'crop' | 'interpolation' | 'sides'>;

/**
 * Converts photographs, uint8 (N, H, W, 3) with any H and W, to pixels for the network, uint8 (N, crop, crop, 3): resizes and crops in the graph.
 *
 * The resized size is torchvision's: the shorter side becomes `resize`, the longer ⌊resize · long / short⌋; or both become `resize`. The crop
 * is centred, starting at round-half-even((side − crop) / 2). An image smaller than the square is padded with zeros.
 *
 * Uses Resize of operator set 18, antialiased, on uint8: onnxruntime's CPU code uses the same fixed-point numbers and two passes as Pillow,
 * bilinear and bicubic. For photographs cropped from 256 to 224, fewer than 0.001 % of the values differ from Pillow's, by 1; if the crop
 * reaches the edges, 0.5 %, by at most 2. Other implementations of Resize are less faithful to Pillow, or do not accept uint8.
 */
export function pixelsOfPhoto(
  batch: Dimension,
  { resize, crop, interpolation = 'bilinear', sides = 'shorter' }: Cut,
): Tensor {
  const photo = input(photoInput, [batch, 'H', 'W', 3], 'uint8');
  const shape = apply(layout.shapeOf, [photo], {});
  const size = sides === 'both' ? constant(int64([resize, resize])) : resizedSize(shape.slice(0, 1, 3), resize);
  // onnxruntime 1.30 rejects two sizes given with axes.
  const all = concat([shape.slice(0, 0, 1), constant(int64([3])), size]);
  const resized = apply(antialiased, [photo.transpose(0, 3, 1, 2), all], { interpolation });
  const padded = resize < crop ? padTo(crop, resized, size) : { image: resized, size };
  return middle(crop, padded).transpose(0, 2, 3, 1);
}

/** Height and width after resizing. Multiplies before dividing, so nothing is rounded twice. */
const resizedSize = (sides: Tensor, resize: number): Tensor => sides.mul(resize).div(sides.min(0, { keepDims: true }));

/** Pads an image smaller than the square with zeros; half of them, rounded down, come first. */
function padTo(crop: number, image: Tensor, size: Tensor): { readonly image: Tensor; readonly size: Tensor } {
  const missing = size.neg().add(crop).maximum(0);
  const before = missing.div(2);
  const none = constant(int64([0, 0]));
  const counts = concat([none, before, none, missing.sub(before)]);
  return { image: apply(zerosAround, [image, counts], {}), size: size.maximum(crop) };
}

/** The centred square of side `crop`. Integer division rounds down, so halves are rounded up if that gives an even number. */
function middle(crop: number, { image, size }: { readonly image: Tensor; readonly size: Tensor }): Tensor {
  const beyond = size.sub(crop);
  const half = beyond.div(2);
  const odd = (n: Tensor) => n.sub(n.div(2).mul(2));
  const first = half.add(odd(beyond).mul(odd(half)));
  return apply(square, [image, first, first.add(crop), constant(int64([2, 3]))], { crop });
}

/** Resamples x (N, C, H, W) to the given sizes, int64 (4). */
const antialiased: Operator<{ interpolation: 'bilinear' | 'bicubic' }> = {
  type: 'Resize',
  infer: ([x]) => ({ shape: [...x!.shape.slice(0, 2), 'resized H', 'resized W'], dtype: x!.dtype }),
  onnx: ({ interpolation }) => ({
    attributes: {
      antialias: 1,
      mode: interpolation === 'bilinear' ? 'linear' : 'cubic',
      cubic_coeff_a: { float: -0.5 },
      // As in Pillow, at the edges existing pixels share the weight of missing ones.
      exclude_outside: 1,
    },
    // The region of interest, and factors.
    absent: [1, 2],
  }),
  needs: () => 18,
};

/** Pads the axes of x (N, C, H, W) with zeros before and after, as given by the second operand. */
const zerosAround: Operator<Readonly<Record<string, never>>> = {
  type: 'Pad',
  infer: ([x]) => ({ shape: [...x!.shape.slice(0, 2), 'padded H', 'padded W'], dtype: x!.dtype }),
};

/** Slices x (N, C, H, W) from a first to a last row and column. */
const square: Operator<{ crop: number }> = {
  type: 'Slice',
  infer: ([x], { crop }) => ({ shape: [...x!.shape.slice(0, 2), crop, crop], dtype: x!.dtype }),
  onnx: () => ({ attributes: {} }),
};
