// Jest looks a global up in its sandbox at every use, which takes longer than to draw a number.
const { imul } = Math;

/** Numbers in 0..1 from a linear congruence modulo 2³²: the same for the same seed. */
export function generatedNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
