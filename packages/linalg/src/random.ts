/** Numbers from −1 to 1, evenly spread; the same for the same seed on every machine. Marsaglia, "Xorshift RNGs", 2003. */
export function randomNumbers(seed: number): () => number {
  // A state of zeros would stay so; the product keeps neighbouring seeds apart.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
}
