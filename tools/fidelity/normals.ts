import { Random } from '../../packages/demo/src/numbers.ts';

/** Normal numbers seeded by a text, by Marsaglia's polar method: the same text gives the same numbers. */
export class Normals {
  readonly #random: Random;

  constructor(text: string) {
    this.#random = new Random(text);
  }

  next(count: number): Float32Array {
    const numbers = new Float32Array(count);
    for (let at = 0; at < count;) {
      const [x, y] = [this.#random.between(-1, 1), this.#random.between(-1, 1)];
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      numbers[at++] = x * scale;
      if (at < count) numbers[at++] = y * scale;
    }
    return numbers;
  }
}
