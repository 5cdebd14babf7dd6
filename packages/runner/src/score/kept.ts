import { z } from '@farout/core';
import type { ImageRows } from '../extraction/row-set.ts';
import { hashData, type Entries } from '../store/entries.ts';

const keptSchema = z.object({ scores: z.base64() });

/** Scores in the store: a number for each image of a set, by a hash of everything besides the images that determines it. */
export class KeptScores {
  readonly #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  /** The stored scores of each set, by set name. Sets without stored scores are missing. */
  async findAll(key: string, sets: ReadonlyMap<string, ImageRows>): Promise<Map<string, Float32Array>> {
    const scores = new Map<string, Float32Array>();
    for (const [name, set] of sets) {
      const known = await this.#entries.readJson(entryOf(key, set), keptSchema);
      const found = known && floatsOf(known.scores);
      if (found?.length === set.images.length) scores.set(name, found);
    }
    return scores;
  }

  add(key: string, set: ImageRows, scores: Float32Array): Promise<void> {
    return this.#entries.writeJson(entryOf(key, set), { scores: textOf(scores) });
  }
}

const entryOf = (key: string, { fingerprint }: ImageRows) => `scores/${hashData([key, fingerprint])}.json`;

/** Lossless encoding of numbers as text. */
export const textOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

/** Decodes such a text. */
export const floatsOf = (text: string): Float32Array =>
  new Float32Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);
