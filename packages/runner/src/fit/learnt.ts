import { types } from 'node:util';
import { parseNpy, writeNpyParts } from '@farout/checkpoints';
import { FaroutError, z, type Learnt } from '@farout/core';
import type { NDArray } from '@farout/tensor';
import { hashBytes, type Entries } from '../store/entries.ts';

/** What parts have learnt, by key: a manifest and one .npy file per array. */
export class LearntStore {
  readonly #entries: Entries;

  constructor(entries: Entries) {
    this.#entries = entries;
  }

  async find(key: string): Promise<Learnt | undefined> {
    const manifest = await this.#entries.readJson(manifestKey(key), learntSchema);
    if (!manifest) return undefined;
    const arrays: [string, NDArray][] = [];
    for (const { name, hash } of manifest) {
      const bytes = await this.#entries.readLarge(arrayKey(key, hash), hash);
      if (!bytes) return undefined;
      arrays.push([name, parseNpy(bytes)]);
    }
    return Object.fromEntries(arrays);
  }

  async add(key: string, learnt: Learnt): Promise<void> {
    const manifest: z.output<typeof learntSchema> = [];
    for (const [name, array] of Object.entries(learnt)) {
      const bytes = writeNpyParts(array);
      const hash = hashBytes(bytes);
      await this.#entries.writeBytes(arrayKey(key, hash), bytes);
      manifest.push({ name, hash });
    }
    await this.#entries.writeJson(manifestKey(key), manifest);
  }
}

const learntSchema = z.array(z.object({ name: z.string(), hash: z.string() }));

const manifestKey = (key: string) => `learnt/${key}.json`;
const arrayKey = (key: string, hash: string) => `learnt/${key}/${hash}.npy`;

/**
 * Checks what a part has learnt, possibly in plain JavaScript: it must consist of numbers with a shape, which can be stored.
 *
 * @throws FaroutError OOD_DETECTOR_FAILED naming the part and the array.
 */
export function checkLearnt(part: string, learnt: unknown): Learnt {
  if (typeof learnt !== 'object' || learnt === null) throw fault(part, 'no record of arrays');
  for (const [name, array] of Object.entries(learnt)) {
    const { data, shape } = (array ?? {}) as { data?: unknown; shape?: unknown };
    if (!isTypedArray(data) || !isShape(shape))
      throw fault(part, `"${name}", which is not a typed array with its shape`);
    if (data.length === shape.reduce((product, size) => product * size, 1)) continue;
    throw fault(part, `"${name}", whose ${data.length} elements do not fill the shape (${shape.join(', ')})`);
  }
  return learnt as Learnt;
}

const isTypedArray = (data: unknown): data is { readonly length: number } =>
  types.isFloat32Array(data) ||
  types.isFloat64Array(data) ||
  types.isInt32Array(data) ||
  types.isBigInt64Array(data) ||
  types.isUint8Array(data);

const isShape = (shape: unknown): shape is number[] =>
  Array.isArray(shape) && shape.every((size) => Number.isInteger(size) && size >= 0);

const fault = (part: string, what: string) =>
  new FaroutError('OOD_DETECTOR_FAILED', `"${part}" learnt ${what}`, {
    fix: 'learn must return { name: { data, shape } }, with data in float32, float64, int32, int64 or uint8.',
  });
