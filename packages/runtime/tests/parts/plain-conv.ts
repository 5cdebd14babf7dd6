import { at, build, type Plain } from './plain.ts';

/** How a window moves over an image. */
export interface PlainWindow {
  readonly stride: number;
  readonly padding: number;
}

/** How many places a window has along an axis: one per start, from the first padding pixel on, as long as it fits. */
export function placesOf(size: number, kernel: number, { stride, padding }: PlainWindow): number {
  let places = 0;
  for (let start = -padding; start + kernel <= size + padding; start += stride) places++;
  return places;
}

/** A convolution by its definition: x (N, C, H, W), weight (O, C / groups, kH, kW), bias (O); outside the image is 0. */
export function plainConv(
  x: Plain,
  weight: Plain,
  bias: Plain,
  window: PlainWindow & { readonly groups: number },
): Plain {
  const [n, , h, w] = x.shape as [number, number, number, number];
  const [out, inner, kh, kw] = weight.shape as [number, number, number, number];
  const { stride, padding, groups } = window;
  return build([n, out, placesOf(h, kh, window), placesOf(w, kw, window)], ([image, o, row, column]) => {
    const first = Math.floor(o! / (out / groups)) * inner;
    let sum = at(bias, [o!]);
    for (let c = 0; c < inner; c++) {
      for (let i = 0; i < kh; i++) {
        for (let j = 0; j < kw; j++) {
          const [y, z] = [row! * stride - padding + i, column! * stride - padding + j];
          if (y < 0 || y >= h || z < 0 || z >= w) continue;
          sum += at(x, [image!, first + c, y, z]) * at(weight, [o!, c, i, j]);
        }
      }
    }
    return sum;
  });
}
