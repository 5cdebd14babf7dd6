import type { Rows } from '@farout/core';
import type { ImageRows, ShardRows } from '../extraction/row-set.ts';
import { hashData } from '../store/entries.ts';

/**
 * At most `most` images of a set with their features, in memory: evenly spread over the set's order, so that a set which
 * is sorted by class gives of every class. A set that has no more images is given back as it is.
 */
export async function sampleRows(set: ImageRows, most: number): Promise<ImageRows> {
  const all = set.images.length;
  if (all <= most) return set;
  const block = await gather(
    set,
    Array.from({ length: most }, (_, i) => Math.floor((i * all) / most)),
  );
  return {
    images: block.images,
    fingerprint: hashData([set.fingerprint, 'evenly spread', most]),
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface of a set that is read from disk
    async *rows() {
      yield block;
    },
  };
}

/** The rows at ascending indexes. */
async function gather(set: ImageRows, chosen: readonly number[]): Promise<ShardRows> {
  let data: Float32Array | undefined;
  let [taken, passed, width] = [0, 0, 0];
  for await (const { images, rows: features } of set.rows()) {
    width = features.shape[1];
    data ??= new Float32Array(chosen.length * width);
    for (; taken < chosen.length && chosen[taken]! < passed + images.length; taken++) {
      const row = chosen[taken]! - passed;
      data.set(features.data.subarray(row * width, (row + 1) * width), taken * width);
    }
    passed += images.length;
  }
  const rows: Rows = { data: data!, shape: [chosen.length, width] };
  return { images: chosen.map((index) => set.images[index]!), rows };
}
