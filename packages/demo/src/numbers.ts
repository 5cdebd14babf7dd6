/**
 * Pseudo-random numbers from a text: the same text gives the same numbers on every machine. The generator is sfc32
 * (Doty-Humphrey, PractRand), seeded with two FNV-1a hashes of the text.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(text: string) {
    this.#a = hash(text, 0x811c9dc5);
    this.#b = hash(text, 0x2545f491);
    this.#c = text.length;
    for (let warmUp = 0; warmUp < 16; warmUp++) this.next();
  }

  /** Uniform in [0, 1), a multiple of 2⁻³². */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** One of the items, each equally likely. */
  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.next() * items.length)]!;
  }

  /** Nearly normal, mean 0, variance 1, within ±3.47: the sum of four uniform numbers, which needs no logarithm. */
  normal(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * Math.sqrt(3);
  }
}

/** FNV-1a, 32 bits, over UTF-16 code units. */
function hash(text: string, basis: number): number {
  let value = basis;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}

// Math.sin may differ in its last bit between versions of V8; these functions use only + − × and never differ.

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

/** The distance from the origin, from products and a square root only: Math.pow and Math.hypot may vary in the last bit. */
export const length = (x: number, y: number, z = 0): number => Math.sqrt(x * x + y * y + z * z);
