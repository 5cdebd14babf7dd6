// AssemblyScript, not TypeScript: the two passes of the resize over vectors of four int32. `npm run wasm` compiles it into
// src/resample-wasm.ts. All arguments are addresses, or counts of bytes, rows or positions; who calls lays out the memory.

/** Weights have 22 fractional bits: half of one rounds to nearest. */
const half = 1 << 21;
const bits = 22;

/** Four weighted sums as fixed point → four bytes, clipped to 0 … 255, in the lowest lane. */
function bytesOf(sums: v128): v128 {
  const words = i32x4.shr_s(sums, bits);
  const narrow = i16x8.narrow_i32x4_s(words, words);
  return i8x16.narrow_i16x8_u(narrow, narrow);
}

/** Red, green, blue of a pixel, and the byte behind them, each as an int32. */
function pixelAt(address: usize): v128 {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(address)));
}

/**
 * Along rows: four rows of pixels of three bytes, `sourceStride` apart, become four rows of `length` pixels, `targetStride`
 * apart. Pixel i mixes `counts[i]` pixels from pixel `starts[i]` on with row i of the weights, which are `weightStride` apart.
 * A byte behind each row is written too.
 */
export function alongRows(
  source: usize,
  sourceStride: usize,
  target: usize,
  targetStride: usize,
  starts: usize,
  counts: usize,
  weights: usize,
  weightStride: usize,
  length: usize,
): void {
  for (let i: usize = 0; i < length; i++) {
    let from = source + 3 * load<u32>(starts + 4 * i);
    let weight = weights + weightStride * i;
    const end = weight + 4 * load<u32>(counts + 4 * i);
    let a = i32x4.splat(half);
    let b = a;
    let c = a;
    let d = a;
    for (; weight < end; weight += 4, from += 3) {
      const w = v128.load32_splat(weight);
      a = i32x4.add(a, i32x4.mul(pixelAt(from), w));
      b = i32x4.add(b, i32x4.mul(pixelAt(from + sourceStride), w));
      c = i32x4.add(c, i32x4.mul(pixelAt(from + 2 * sourceStride), w));
      d = i32x4.add(d, i32x4.mul(pixelAt(from + 3 * sourceStride), w));
    }
    const to = target + 3 * i;
    v128.store32_lane(to, bytesOf(a), 0);
    v128.store32_lane(to + targetStride, bytesOf(b), 0);
    v128.store32_lane(to + 2 * targetStride, bytesOf(c), 0);
    v128.store32_lane(to + 3 * targetStride, bytesOf(d), 0);
  }
}

/**
 * Along columns: rows of `stride` bytes, a multiple of 16, become `length` rows of as many. Row i mixes `counts[i]` rows from
 * row `starts[i]` on.
 */
export function alongColumns(
  source: usize,
  target: usize,
  stride: usize,
  starts: usize,
  counts: usize,
  weights: usize,
  weightStride: usize,
  length: usize,
): void {
  for (let i: usize = 0; i < length; i++) {
    const first = source + stride * load<u32>(starts + 4 * i);
    const head = weights + weightStride * i;
    const end = head + 4 * load<u32>(counts + 4 * i);
    for (let at: usize = 0; at < stride; at += 16) {
      let from = first + at;
      let a = i32x4.splat(half);
      let b = a;
      let c = a;
      let d = a;
      for (let weight = head; weight < end; weight += 4, from += stride) {
        const w = v128.load32_splat(weight);
        const bytes = v128.load(from);
        const low = i16x8.extend_low_i8x16_u(bytes);
        const high = i16x8.extend_high_i8x16_u(bytes);
        a = i32x4.add(a, i32x4.mul(i32x4.extend_low_i16x8_u(low), w));
        b = i32x4.add(b, i32x4.mul(i32x4.extend_high_i16x8_u(low), w));
        c = i32x4.add(c, i32x4.mul(i32x4.extend_low_i16x8_u(high), w));
        d = i32x4.add(d, i32x4.mul(i32x4.extend_high_i16x8_u(high), w));
      }
      const lower = i16x8.narrow_i32x4_s(i32x4.shr_s(a, bits), i32x4.shr_s(b, bits));
      const upper = i16x8.narrow_i32x4_s(i32x4.shr_s(c, bits), i32x4.shr_s(d, bits));
      v128.store(target + stride * i + at, i8x16.narrow_i16x8_u(lower, upper));
    }
  }
}
