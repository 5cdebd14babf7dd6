/**
 * So many pixels are decoded at once in a process: two photographs of 25 megapixels, or a hundred of the size of
 * ImageNet's. 150 MB as RGB.
 */
export const pixelsAtOnce = 50_000_000;

interface Waiting {
  readonly pixels: number;
  readonly begin: () => void;
}

/**
 * Lets work begin while the pixels of all that is under way stay within a limit, in the order in which it asks; a picture
 * that is larger than the limit is worked on alone.
 */
export class Admission {
  readonly #limit: number;
  #underWay = 0;
  #pixels = 0;
  readonly #waiting: Waiting[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  async admit<T>(pixels: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((begin) => {
      this.#waiting.push({ pixels, begin });
      this.#next();
    });
    try {
      return await work();
    } finally {
      this.#underWay--;
      this.#pixels -= pixels;
      this.#next();
    }
  }

  #next(): void {
    for (let first = this.#waiting[0]; first && this.#fits(first); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#underWay++;
      this.#pixels += first.pixels;
      first.begin();
    }
  }

  #fits({ pixels }: Waiting): boolean {
    return this.#underWay === 0 || this.#pixels + pixels <= this.#limit;
  }
}

/** The one of this process. */
export const admission = new Admission(pixelsAtOnce);
