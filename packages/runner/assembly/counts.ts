// AssemblyScript, not TypeScript: what makes a curve of a draw's counts. `npm run wasm` compiles it into src/evaluate/counts-wasm.ts. All
// arguments but `firstOod` are addresses; who calls lays out the memory.

/**
 * Writes the distinct scores of which images were drawn, and how many of each set. What nobody was drawn of is written over by the next, and
 * whose image it is comes from the sign of a difference: of branches a processor would guess a third or a half wrong.
 *
 * @param order - Of each image from the highest score down twice its number, and 1 more where it is the last with its score; up to `end`.
 * @param counts - How often each image was drawn, a byte each.
 * @param firstOod - Twice the number of the first OOD image.
 * @param scores - The distinct scores, float32, of which those drawn go to `thresholds`.
 * @returns how many there are.
 */
export function countsOf(
  order: usize,
  end: usize,
  counts: usize,
  firstOod: i32,
  scores: usize,
  thresholds: usize,
  id: usize,
  ood: usize,
): i32 {
  let length: usize = 0;
  let idCount = 0;
  let oodCount = 0;
  for (; order < end; order += 4) {
    const image = load<i32>(order);
    const count = i32(load<u8>(counts + usize(image >> 1)));
    const inId = count & ((image - firstOod) >> 31);
    idCount += inId;
    oodCount += count - inId;
    if ((image & 1) == 0) continue;
    store<f32>(thresholds + (length << 2), load<f32>(scores));
    store<f64>(id + (length << 3), f64(idCount));
    store<f64>(ood + (length << 3), f64(oodCount));
    length += usize(-(idCount + oodCount) >>> 31);
    scores += 4;
    idCount = 0;
    oodCount = 0;
  }
  return i32(length);
}
