/** Numbers in [0, 1) that follow from a seed: a linear congruence modulo 2³², the constants of Numerical Recipes. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  next();
  return () => next() / 2 ** 32;
}
