import { weightBits, type Taps } from '../src/resample.ts';

/** Where the bytes of an image lie for a pass along one axis; a line is what runs along that axis. */
export interface Layout {
  readonly data: Uint8Array;
  /** Index of position 0 of line 0. */
  readonly origin: number;
  /** Bytes from a position to the next on its line, and from a line to the next. */
  readonly step: number;
  readonly lineStep: number;
}

// Looked up once: in the contexts of jest and vitest every mention of a global costs more than the multiplication.
const { imul } = Math;
const half = 1 << (weightBits - 1);

/**
 * Mixes the lines `first … end − 1` of an image along one axis: output = (2²¹ + Σ weight · input) >> 22 for each colour,
 * in int32. Two lines at a time share the reading of the weights; of an odd number, the last is its own partner and is
 * written twice. What a cubic makes of edges is clipped to 0 … 255.
 *
 * Source: Pillow 9.4, Resample.c, `ImagingResampleHorizontal_8bpc` and `ImagingResampleVertical_8bpc`.
 */
export function resample(source: Layout, target: Layout, taps: Taps, first: number, end: number): void {
  const { data: from, step, lineStep } = source;
  // Clips what is stored in it.
  const to = new Uint8ClampedArray(target.data.buffer, target.data.byteOffset, target.data.length);
  const { starts, counts, weights, stride } = taps;
  for (let i = 0; i < taps.length; i++) {
    const head = i * stride;
    const tail = head + counts[i]!;
    const start = source.origin + starts[i]! * step;
    for (let line = first; line < end; line += 2) {
      const partner = line + 1 < end ? 1 : 0;
      let a = start + line * lineStep;
      let b = a + partner * lineStep;
      let k = weights[head]!;
      let ra = half + imul(from[a]!, k);
      let ga = half + imul(from[a + 1]!, k);
      let ba = half + imul(from[a + 2]!, k);
      let rb = half + imul(from[b]!, k);
      let gb = half + imul(from[b + 1]!, k);
      let bb = half + imul(from[b + 2]!, k);
      for (let t = head + 1; t < tail; t++) {
        a += step;
        b += step;
        k = weights[t]!;
        ra = (ra + imul(from[a]!, k)) | 0;
        ga = (ga + imul(from[a + 1]!, k)) | 0;
        ba = (ba + imul(from[a + 2]!, k)) | 0;
        rb = (rb + imul(from[b]!, k)) | 0;
        gb = (gb + imul(from[b + 1]!, k)) | 0;
        bb = (bb + imul(from[b + 2]!, k)) | 0;
      }
      const p = target.origin + i * target.step + line * target.lineStep;
      const q = p + partner * target.lineStep;
      to[p] = ra >> weightBits;
      to[p + 1] = ga >> weightBits;
      to[p + 2] = ba >> weightBits;
      to[q] = rb >> weightBits;
      to[q + 1] = gb >> weightBits;
      to[q + 2] = bb >> weightBits;
    }
  }
}
