// AssemblyScript, not TypeScript: what makes curves of draws' counts, several images at a time. `npm run wasm` compiles it
// into src/evaluate/counts-wasm.ts. Arguments are addresses but where a length is meant; who calls lays out the memory.

/**
 * Lines up the counts of sixteen draws by a ranking. An image's sixteen counts lie side by side, so that they are looked up at once: most
 * of the time goes into finding them.
 *
 * @param order - The images from the highest score down, by their numbers: whole fours, filled up with one that nobody drew.
 * @param images - How many they are, a length.
 * @param firstOod - The number of the first OOD image.
 * @param counts - How often each image came in each of the draws, a byte each.
 * @param rows - Takes the counts in order, a row for each draw.
 * @param stride - How far apart the rows are, a length.
 * @param isId - Takes all bits of a byte for an ID image, and none for an OOD image.
 */
export function lineUp(
  order: usize,
  images: i32,
  firstOod: i32,
  counts: usize,
  rows: usize,
  stride: usize,
  isId: usize,
): void {
  for (let at: usize = 0; at < usize(images); at += 4) {
    const four = order + (at << 2);
    const whose = i32x4.lt_s(v128.load(four), i32x4.splat(firstOod));
    const whoseShort = i16x8.narrow_i32x4_s(whose, whose);
    v128.store32_lane(isId + at, i8x16.narrow_i16x8_s(whoseShort, whoseShort), 0);
    const a = v128.load(counts + (usize(load<u32>(four)) << 4));
    const b = v128.load(counts + (usize(load<u32>(four, 4)) << 4));
    const c = v128.load(counts + (usize(load<u32>(four, 8)) << 4));
    const d = v128.load(counts + (usize(load<u32>(four, 12)) << 4));
    const row = rows + at;
    spread(weaveLow(weaveLow(a, c), weaveLow(b, d)), row, stride);
    spread(weaveHigh(weaveLow(a, c), weaveLow(b, d)), row + 4 * stride, stride);
    spread(weaveLow(weaveHigh(a, c), weaveHigh(b, d)), row + 8 * stride, stride);
    spread(weaveHigh(weaveHigh(a, c), weaveHigh(b, d)), row + 12 * stride, stride);
  }
}

/** The first eight bytes of two vectors, in turns. */
function weaveLow(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** The last eight bytes of two vectors, in turns. */
function weaveHigh(a: v128, b: v128): v128 {
  return v128.shuffle<u8>(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Writes four counts into each of four rows. */
function spread(counts: v128, row: usize, stride: usize): void {
  store<i32>(row, i32x4.extract_lane(counts, 0));
  store<i32>(row + stride, i32x4.extract_lane(counts, 1));
  store<i32>(row + 2 * stride, i32x4.extract_lane(counts, 2));
  store<i32>(row + 3 * stride, i32x4.extract_lane(counts, 3));
}

/**
 * Writes the distinct scores of which images were drawn, and how many of each set. Of branches a processor would guess a third wrong: what
 * was not drawn is left out by the way eight images are packed. What is written may reach eight places beyond the end.
 *
 * @param row - How often each image was drawn, in order.
 * @param isId - See `lineUp`.
 * @param scores - The images' scores, float32.
 * @param ties - Pairs of numbers: where images with one score begin, and where they end. All before are alone with their scores.
 * @param tiesEnd - Where the pairs end.
 * @param packEight - For each of 256 choices among eight bytes, which of them are packed together.
 * @param packFour - For each of sixteen choices among four numbers of four bytes, which bytes are packed together.
 * @returns how many distinct scores there are.
 */
export function curveOf(
  row: usize,
  isId: usize,
  scores: usize,
  ties: usize,
  tiesEnd: usize,
  packEight: usize,
  packFour: usize,
  thresholds: usize,
  id: usize,
  ood: usize,
): i32 {
  let at: i32 = 0;
  let length: usize = 0;
  for (; ties < tiesEnd; ties += 8) {
    const tie = load<i32>(ties);
    const tieEnd = load<i32>(ties, 4);
    for (; at < tie; at += 8) {
      const counts = v128.load64_zero(row + usize(at));
      const inId = v128.and(counts, v128.load64_zero(isId + usize(at)));
      const drawn = i8x16.bitmask(i8x16.ne(counts, i8x16.splat(0))) & (255 >> max(0, at + 8 - tie));
      const packing = v128.load64_zero(packEight + (usize(drawn) << 3));
      storeDoubles(id + (length << 3), i8x16.swizzle(inId, packing));
      storeDoubles(ood + (length << 3), i8x16.swizzle(v128.xor(counts, inId), packing));
      const four = scores + (usize(at) << 2);
      storePacked(thresholds + (length << 2), four, packFour, drawn & 15);
      storePacked(thresholds + ((length + usize(popcnt(drawn & 15))) << 2), four + 16, packFour, drawn >> 4);
      length += usize(popcnt(drawn));
    }
    let idCount = 0;
    let oodCount = 0;
    for (at = tie; at < tieEnd; at++) {
      const count = i32(load<u8>(row + usize(at)));
      const inId = count & load<i8>(isId + usize(at));
      idCount += inId;
      oodCount += count - inId;
    }
    if (idCount + oodCount == 0) continue;
    store<f32>(thresholds + (length << 2), load<f32>(scores + (usize(tie) << 2)));
    store<f64>(id + (length << 3), f64(idCount));
    store<f64>(ood + (length << 3), f64(oodCount));
    length++;
  }
  return i32(length);
}

/** Writes those of four numbers that are chosen. */
function storePacked(to: usize, from: usize, packFour: usize, choice: i32): void {
  v128.store(to, i8x16.swizzle(v128.load(from), v128.load(packFour + (usize(choice) << 4))));
}

/** Writes eight bytes as float64. */
function storeDoubles(to: usize, bytes: v128): void {
  const shorts = i16x8.extend_low_i8x16_u(bytes);
  storeFour(to, i32x4.extend_low_i16x8_u(shorts));
  storeFour(to + 32, i32x4.extend_high_i16x8_u(shorts));
}

function storeFour(to: usize, numbers: v128): void {
  v128.store(to, f64x2.convert_low_i32x4_s(numbers));
  v128.store(to, f64x2.convert_low_i32x4_s(v128.shuffle<u32>(numbers, numbers, 2, 3, 2, 3)), 16);
}
