/** Numbers that a seed decides, the same on every machine. */
export interface Draws {
  /** Uniform in [0, 1), in steps of 2⁻³². */
  readonly uniform: () => number;
  /** Of the normal distribution with mean 0 and deviation 1. */
  readonly normal: () => number;
}

/** Draws of a seed: Chris Doty-Humphrey's sfc32 of PractRand, and Box and Muller's transform, in pairs. */
export function drawsOf(seed: number): Draws {
  const uniform = smallFastCounter(seed);
  let spare: number | undefined;
  const normal = () => {
    const kept = spare;
    spare = undefined;
    if (kept !== undefined) return kept;
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, normal };
}

/** Its 96 bits of state and a counter; what it gives first still looks like the seed. */
function smallFastCounter(seed: number): () => number {
  let [a, b, c, counter] = [0, Math.floor(seed / 2 ** 32) | 0, seed | 0, 1];
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/** Whether each of `count` things is drawn, asked in their order: exactly `wanted` are, each as likely (Knuth's algorithm S). */
export function drawnOf(count: number, wanted: number, { uniform }: Draws): () => boolean {
  let [left, missing] = [count, wanted];
  return () => {
    const isDrawn = uniform() * left-- < missing;
    if (isDrawn) missing--;
    return isDrawn;
  };
}
