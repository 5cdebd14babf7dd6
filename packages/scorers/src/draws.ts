/** Random numbers from a seed, the same on every machine. */
export interface Draws {
  /** Uniform in [0, 1), in steps of 2⁻³². */
  readonly uniform: () => number;
  /** Standard normal: mean 0, standard deviation 1. */
  readonly normal: () => number;
  /** Fills an array with the numbers that `normal` would return next, several times as fast. */
  readonly fillNormal: (into: Float64Array) => void;
}

/** A generator for a seed: Chris Doty-Humphrey's sfc32 from PractRand; normal numbers by the Box–Muller transform, in pairs. */
export function drawsOf(seed: number): Draws {
  const state = smallFastCounter(seed);
  const pair = new Float64Array(2);
  let isSpare = false;
  const normal = () => {
    isSpare = !isSpare;
    if (!isSpare) return pair[1]!;
    fillPairs(state, pair, 0, 2);
    return pair[0]!;
  };
  const fillNormal = (into: Float64Array) => {
    const first = isSpare && into.length > 0 ? 1 : 0;
    if (first === 1) into[0] = normal();
    const end = into.length - ((into.length - first) % 2);
    fillPairs(state, into, first, end);
    if (end < into.length) into[end] = normal();
  };
  return { uniform: () => next(state), normal, fillNormal };
}

/** Turns pairs of uniform numbers into pairs of normal ones. */
function fillPairs(state: Int32Array, into: Float64Array, start: number, end: number): void {
  for (let i = start; i < end; i += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - next(state)));
    const angle = 2 * Math.PI * next(state);
    into[i] = radius * Math.cos(angle);
    into[i + 1] = radius * Math.sin(angle);
  }
}

/** 96 bits of state and a counter. The first outputs still resemble the seed, so they are skipped. */
function smallFastCounter(seed: number): Int32Array {
  const state = Int32Array.of(0, Math.floor(seed / 2 ** 32) | 0, seed | 0, 1);
  for (let i = 0; i < 16; i++) next(state);
  return state;
}

/** The next uniform number. The state is an array because closure variables are several times as slow. */
function next(state: Int32Array): number {
  const [b, c] = [state[1]!, state[2]!];
  const sum = (state[0]! + b + state[3]!) | 0;
  state[0] = b ^ (b >>> 9);
  state[1] = c + (c << 3);
  state[2] = ((c << 21) | (c >>> 11)) + sum;
  state[3]!++;
  return (sum >>> 0) / 2 ** 32;
}

/** Samples exactly `wanted` of `count` items, each equally likely; call it once per item, in order (Knuth's algorithm S). */
export function drawnOf(count: number, wanted: number, { uniform }: Draws): () => boolean {
  let [left, missing] = [count, wanted];
  return () => {
    const isDrawn = uniform() * left-- < missing;
    if (isDrawn) missing--;
    return isDrawn;
  };
}
