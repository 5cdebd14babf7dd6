// AssemblyScript, not TypeScript: what makes a curve of a draw's counts. `npm run wasm` compiles it into src/evaluate/counts-wasm.ts. All
// arguments but `images` and `firstOod` are addresses; who calls lays out the memory.

/**
 * Writes the distinct scores of which images were drawn, and how many of each set. Of branches a processor would guess a third or a half
 * wrong: an image that was not drawn is written over by the next, and whose image it is comes from the sign of a difference.
 *
 * @param order - The images from the highest score down, by their numbers.
 * @param scores - Their scores, float32.
 * @param counts - How often each image was drawn, a byte each.
 * @param firstOod - The number of the first OOD image.
 * @param places - Takes where in `order` the images that were drawn are.
 * @returns how many distinct scores there are.
 */
export function countsOf(
  order: usize,
  scores: usize,
  images: i32,
  counts: usize,
  firstOod: i32,
  places: usize,
  thresholds: usize,
  id: usize,
  ood: usize,
): i32 {
  let end = places;
  for (let at: usize = 0; at < usize(images) << 2; at += 4) {
    store<u32>(end, u32(at));
    end += usize((255 + u32(load<u8>(counts + usize(load<u32>(order + at))))) >> 8) << 2;
  }
  let length: i32 = 0;
  let last = f32.NaN;
  for (; places < end; places += 4) {
    const at = usize(load<u32>(places));
    const image = load<i32>(order + at);
    const score = load<f32>(scores + at);
    const count = i32(load<u8>(counts + usize(image)));
    const inId = count & ((image - firstOod) >> 31);
    if (score == last) {
      store<f64>(id - 8, load<f64>(id - 8) + f64(inId));
      store<f64>(ood - 8, load<f64>(ood - 8) + f64(count - inId));
      continue;
    }
    store<f32>(thresholds, score);
    store<f64>(id, f64(inId));
    store<f64>(ood, f64(count - inId));
    thresholds += 4;
    id += 8;
    ood += 8;
    length++;
    last = score;
  }
  return length;
}
