import { parseNpy, writeNpy } from '@farout/checkpoints';
import { z, type Learnt } from '@farout/core';
import type { NDArray } from '@farout/tensor';
import { type Entries, hashBytes } from '../store/entries.ts';

const manifestSchema = z.array(z.object({ name: z.string(), hash: z.string() }));

/** What parts learnt, by key: a manifest and one .npy per array. */
export class LearntStore {
  readonly #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  async find(key: string): Promise<Learnt | undefined> {
    const manifest = await this.#entries.readJson(manifestKey(key), manifestSchema);
    if (!manifest) return undefined;
    const arrays: [string, NDArray][] = [];
    for (const { name, hash } of manifest) {
      const bytes = await this.#entries.readBytes(arrayKey(key, hash), hash);
      if (!bytes) return undefined;
      arrays.push([name, parseNpy(bytes)]);
    }
    return Object.fromEntries(arrays);
  }

  async add(key: string, learnt: Learnt): Promise<void> {
    const manifest: z.output<typeof manifestSchema> = [];
    for (const [name, array] of Object.entries(learnt)) {
      const bytes = writeNpy(array);
      const hash = hashBytes(bytes);
      await this.#entries.writeBytes(arrayKey(key, hash), bytes);
      manifest.push({ name, hash });
    }
    await this.#entries.writeJson(manifestKey(key), manifest);
  }
}

const manifestKey = (key: string) => `learnt/${key}.json`;
const arrayKey = (key: string, hash: string) => `learnt/${key}/${hash}.npy`;
