// Math.sin may differ in its last bit from one version of V8 to the next; these use + − × only, and so never do.

/** Sine of an angle in turns (1 = 360°), error below 10⁻⁹. */
export function sine(turns: number): number {
  const half = turns - Math.floor(turns + 0.5);
  const quarter = Math.abs(half) <= 0.25 ? half : Math.sign(half) * 0.5 - half;
  const x = 2 * Math.PI * quarter;
  return x * series(x * x);
}

/** Cosine of an angle in turns (1 = 360°), error below 10⁻⁹. */
export const cosine = (turns: number): number => sine(turns + 0.25);

/** sin(x) / x as its Taylor series in x², up to x¹². */
function series(square: number): number {
  let value = 1;
  for (let n = 12; n > 0; n -= 2) value = 1 - (value * square) / (n * (n + 1));
  return value;
}
