import { parseNpy, writeNpy } from '@oodkit/checkpoints';
import { z, type Learnt, type Store } from '@oodkit/core';
import type { NDArray } from '@oodkit/tensor';
import { hashBytes } from '../store/hash.ts';
import { readJson, writeJson } from '../store/json-entry.ts';

const manifestSchema = z.array(z.object({ name: z.string(), hash: z.string() }));

/** What parts learnt, by key: a manifest and one .npy per array. */
export class LearntStore {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async find(key: string): Promise<Learnt | undefined> {
    const manifest = await readJson(this.#store, manifestKey(key), manifestSchema);
    if (!manifest) return undefined;
    const arrays: [string, NDArray][] = [];
    for (const { name, hash } of manifest) {
      const bytes = await this.#store.read(arrayKey(key, hash));
      if (!bytes || hashBytes(bytes) !== hash) return undefined;
      arrays.push([name, parseNpy(bytes)]);
    }
    return Object.fromEntries(arrays);
  }

  async add(key: string, learnt: Learnt): Promise<void> {
    const manifest: z.output<typeof manifestSchema> = [];
    for (const [name, array] of Object.entries(learnt)) {
      const bytes = writeNpy(array);
      const hash = hashBytes(bytes);
      await this.#store.write(arrayKey(key, hash), bytes);
      manifest.push({ name, hash });
    }
    await writeJson(this.#store, manifestKey(key), manifest);
  }
}

const manifestKey = (key: string) => `learnt/${key}.json`;
const arrayKey = (key: string, hash: string) => `learnt/${key}/${hash}.npy`;
